// Buys for real while buyer and gateway are killed for real, and then compares the wallet's books with the journal.
//
//   npm run -s crash -- --purchases N --seed S --json
//
// The last line is `{"purchases":N,"kills":…,"lost":0,"paidTwice":0,"unresolved":0}`; exit code 1 when one of the three is not 0.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as passTime } from 'node:timers/promises';
import { killForReal, startChild } from './child-processes.mjs';
import { judge } from './judge.mjs';
import { planPurchases, readArguments, seededRandom } from './plan.mjs';
import { openScene } from './scene.mjs';

/** Calls that a buyer makes at the same time. */
const AT_ONCE = 3;
/** How long both live after they were ready: long enough that the run comes to an end. */
const SHORTEST_LIFE_MS = 20;
const LONGEST_LIFE_MS = 400;
/** Or until so many more calls have their answer, so that a fast machine kills as often as a slow one. */
const MOST_ANSWERS_IN_A_LIFE = 12;

async function run(options) {
  const random = seededRandom(options.seed);
  const plan = planPurchases(options.purchases, random);
  const folder = mkdtempSync(join(tmpdir(), 'satway-crash-'));
  const scene = await openScene(folder, options);
  const storePath = join(folder, 'buyer', 'purchases.db');
  try {
    const state = {
      plan,
      scene,
      random,
      storePath,
      answered: new Map(),
      kills: 0,
      onAnswer: () => undefined,
      json: options.json,
    };
    state.gateway = await startGateway(state);
    await buyUnderFire(state);
    await buyInPeace(state);
    await killForReal(state.gateway);
    const verdict = judge({ plan, answered: state.answered, storePath, books: await scene.books() });
    return { purchases: options.purchases, kills: state.kills, ...verdict };
  } finally {
    await scene.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startGateway({ scene }) {
  const gateway = await startChild('./gateway-process.mjs', { configPath: scene.configPath });
  await gateway.ready;
  return gateway;
}

function openCalls({ plan, answered }) {
  return plan.filter(({ number }) => !answered.has(number));
}

function startBuyer(state, attempts) {
  const { scene, storePath } = state;
  const task = {
    storePath,
    gatewayUrl: scene.gatewayUrl,
    wallet: scene.buyerDoor,
    calls: openCalls(state),
    atOnce: AT_ONCE,
    attempts,
  };
  return startChild('./buyer-process.mjs', task, (message) => note(state, message));
}

function note(state, { number, ok, ...told }) {
  if (number === undefined) return;
  if (ok) {
    state.answered.set(number, told.digest);
    state.onAnswer();
  } else say(state, { event: 'refused', number, code: told.code, message: told.message });
}

/** Kills the buyer, the gateway, or both, again and again, until every call has its answer. */
async function buyUnderFire(state) {
  let buyer = await startBuyer(state, 1_000_000);
  while (openCalls(state).length > 0) {
    await buyer.ready;
    const life = SHORTEST_LIFE_MS + state.random() * (LONGEST_LIFE_MS - SHORTEST_LIFE_MS);
    const answers = 1 + Math.floor(state.random() * MOST_ANSWERS_IN_A_LIFE);
    const ended = await Promise.race([buyer.gone, afterAnswers(state, answers), passTime(life)]);
    if (ended !== undefined && openCalls(state).length === 0) return;
    const whom = state.random();
    const [killsBuyer, killsGateway] = [whom < 0.6, whom > 0.5];
    [buyer] = await Promise.all([
      killsBuyer ? replaceBuyer(state, buyer) : buyer,
      killsGateway && replaceGateway(state),
    ]);
    say(state, { event: 'killed', buyer: killsBuyer, gateway: killsGateway, open: openCalls(state).length });
  }
  await killForReal(buyer);
}

/** Resolves when so many more calls have their answer. */
function afterAnswers(state, count) {
  return new Promise((resolve) => {
    let left = count;
    state.onAnswer = () => {
      left -= 1;
      if (left === 0) resolve();
    };
  });
}

async function replaceBuyer(state, buyer) {
  await killForReal(buyer);
  state.kills++;
  return startBuyer(state, 1_000_000);
}

async function replaceGateway(state) {
  await killForReal(state.gateway);
  state.kills++;
  state.gateway = await startGateway(state);
}

/** Recovery and one retry of what is open; nobody is killed any more. */
async function buyInPeace(state) {
  const buyer = await startBuyer(state, 1);
  await buyer.ready;
  const { code } = await buyer.gone;
  if (code !== 0) say(state, { event: 'buyer_ended', code });
}

function say({ json }, event) {
  if (json) process.stdout.write(`${JSON.stringify(event)}\n`);
}

const result = await run(readArguments(process.argv.slice(2)));
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exitCode = result.lost === 0 && result.paidTwice === 0 && result.unresolved === 0 ? 0 : 1;
