// Buys for real while buyers and gateway are killed for real, and then compares the wallet's books with the journal and the ledger; see arguments.mjs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as passTime } from 'node:timers/promises';
import { readArguments, USAGE } from './arguments.mjs';
import { killForReal, startChild } from './child-processes.mjs';
import { judge } from './judge.mjs';
import { planPurchases, pricesFor, seededRandom } from './plan.mjs';
import { openScene } from './scene.mjs';

/** Calls that a buyer makes at the same time. */
const AT_ONCE = 3;
/** How long all live after they were ready: long enough that the run comes to an end. With more buyers each starts more slowly. */
const SHORTEST_LIFE_MS = 20;
const LONGEST_LIFE_MS = 400;
/** Or until so many more calls have their answer, so that a fast machine kills as often as a slow one. */
const MOST_ANSWERS_IN_A_LIFE = 12;
const MOST_PATIENCE = 16;
/** When nothing was achieved for so long, the run says what it has. */
const STALLED_MS = 180_000;
const GATEWAY_DIES = 0.5;
/** A dead gateway makes everybody wait: with several buyers it dies less often than they do. */
const GATEWAY_DIES_AMONG_MANY = 0.15;
/** With a budget, payments cost fees as well. */
const ROUTING_FEE = { baseMsat: 7, proportionalMillionths: 5_000 };

async function run(options) {
  const random = seededRandom(options.seed);
  const plan = planPurchases(options, random);
  const folder = mkdtempSync(join(tmpdir(), 'satway-crash-'));
  const prices = pricesFor(plan, options.budgetSats === null ? null : options.budgetSats * 1000);
  const routingFee = options.budgetSats === null ? undefined : ROUTING_FEE;
  const scene = await openScene(folder, { ...options, prices, routingFee });
  const state = newState({ options, plan, random, scene, storePath: join(folder, 'buyer', 'purchases.db') });
  try {
    state.gateway = await startGateway(state);
    await buyUnderFire(state);
    await buyInPeace(state);
    await killForReal(state.gateway);
    return { purchases: options.purchases, kills: state.kills, ...(await verdictOf(state)) };
  } finally {
    await scene.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function newState(parts) {
  return {
    ...parts,
    answered: new Map(),
    /** Whose last word was a limit. */
    refused: new Set(),
    /** Of those, for which nobody tries any more. */
    givenUp: new Set(),
    kills: 0,
    patience: 1,
    progressAtMs: Date.now(),
    onAnswer: () => undefined,
    clock: { startMs: Date.now(), speed: parts.options.clockSpeed },
  };
}

async function verdictOf({ plan, answered, refused, storePath, scene, options }) {
  const hosts = scene.gatewayUrls.map((url) => new URL(url).host);
  return judge({ plan, answered, refused, storePath, books: await scene.books(), hosts, options });
}

async function startGateway({ scene }) {
  const gateway = await startChild('./gateway-process.mjs', { configPath: scene.configPath });
  await gateway.ready;
  return gateway;
}

function isOpen({ answered, givenUp }, { number }) {
  return !answered.has(number) && !givenUp.has(number);
}

function openCalls(state) {
  return state.plan.filter((call) => isOpen(state, call));
}

function startBuyer(state, calls, attempts) {
  const { scene, storePath, options, clock } = state;
  const { budgetSats, perMinuteSats, perHostSats } = options;
  const task = {
    storePath,
    gatewayUrls: scene.gatewayUrls,
    wallet: scene.buyerDoor,
    calls: options.perHostSats === null ? calls.map((call) => ({ ...call, host: 0 })) : calls,
    atOnce: AT_ONCE,
    attempts,
    limits: { budgetSats, perMinuteSats, perHostSats },
    clock,
  };
  return startChild('./buyer-process.mjs', task, (message) => note(state, message));
}

/** A buyer among others, with what is still open of its share. */
function startBuyerOf(state, index) {
  const share = openCalls(state).filter(({ buyers }) => buyers.includes(index));
  return startBuyer(state, share, 1_000_000);
}

function note(state, { number, ok, givenUp, ...told }) {
  if (number === undefined) return;
  state.refused.delete(number);
  if (ok) {
    state.answered.set(number, told.digest);
    state.onAnswer();
    return;
  }
  if (['BUDGET_EXHAUSTED', 'SPENDING_LIMIT_REACHED'].includes(told.code)) state.refused.add(number);
  if (givenUp) {
    state.givenUp.add(number);
    state.onAnswer();
  }
  say(state, { event: 'refused', number, code: told.code, message: told.message });
}

/** Kills a buyer, the gateway, or both, again and again, until every call has its answer or was given up. */
async function buyUnderFire(state) {
  const { processes } = state.options;
  const buyers = await Promise.all(Array.from({ length: processes }, (_, index) => startBuyerOf(state, index)));
  while (goesOn(state)) {
    await Promise.all(buyers.map(readyOrGone));
    await someLife(state);
    if (goesOn(state)) await killSome(state, buyers);
  }
  await Promise.all(buyers.map(killForReal));
}

function goesOn(state) {
  return openCalls(state).length > 0 && Date.now() - state.progressAtMs < STALLED_MS;
}

/** One that has nothing left to do ends by itself. */
function readyOrGone({ ready, gone }) {
  return Promise.race([ready, gone]);
}

/** A life in which nothing was achieved makes the next one longer: a machine that is busy with other things must come to an end as well. */
async function someLife(state) {
  const { random, options } = state;
  const life = (SHORTEST_LIFE_MS + random() * (LONGEST_LIFE_MS - SHORTEST_LIFE_MS)) * Math.sqrt(options.processes);
  const answers = 1 + Math.floor(random() * MOST_ANSWERS_IN_A_LIFE);
  const openBefore = openCalls(state).length;
  await Promise.race([afterAnswers(state, answers), passTime(life * state.patience)]);
  const achieved = openCalls(state).length < openBefore;
  state.patience = achieved ? 1 : Math.min(state.patience * 2, MOST_PATIENCE);
  if (achieved) state.progressAtMs = Date.now();
}

async function killSome(state, buyers) {
  const { random, options } = state;
  const gatewayDies = options.processes === 1 ? GATEWAY_DIES : GATEWAY_DIES_AMONG_MANY;
  const whom = random();
  const [killsBuyers, killsGateway] = [whom < 1.1 - gatewayDies, whom > 1 - gatewayDies];
  const victims = killsBuyers ? chooseVictims(state) : [];
  await Promise.all([
    ...victims.map(async (index) => {
      buyers[index] = await replaceBuyer(state, buyers[index], index);
    }),
    killsGateway && replaceGateway(state),
  ]);
  say(state, { event: 'killed', buyers: victims, gateway: killsGateway, ...counts(state) });
}

/** One of few, several of many. */
function chooseVictims({ random, options: { processes } }) {
  const count = 1 + Math.floor((random() * processes) / 2);
  return [...new Set(Array.from({ length: count }, () => Math.floor(random() * processes)))];
}

function counts(state) {
  return { open: openCalls(state).length, givenUp: state.givenUp.size };
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

async function replaceBuyer(state, buyer, index) {
  await killForReal(buyer);
  state.kills++;
  return startBuyerOf(state, index);
}

async function replaceGateway(state) {
  await killForReal(state.gateway);
  state.kills++;
  state.gateway = await startGateway(state);
}

/** Recovery and one retry of what is open or was refused; nobody is killed any more. */
async function buyInPeace(state) {
  const left = state.plan.filter(({ number }) => !state.answered.has(number));
  const { processes } = state.options;
  const shares = Array.from({ length: processes }, (_, index) => left.filter(({ buyers }) => buyers[0] === index));
  await Promise.all(shares.map((share) => buyOnce(state, share)));
}

async function buyOnce(state, share) {
  const buyer = await startBuyer(state, share, 1);
  await buyer.ready;
  const { code } = await buyer.gone;
  if (code !== 0) say(state, { event: 'buyer_ended', code });
}

/** `null` where the arguments are not understood, which was said then. */
function understood(args) {
  try {
    return readArguments(args);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    return null;
  }
}

function say({ options }, event) {
  if (options.json) process.stdout.write(`${JSON.stringify(event)}\n`);
}

// The store's key lies beside the store: a run leaves nothing in anybody's keychain.
process.env.SATWAY_KEYCHAIN = 'off';
const options = understood(process.argv.slice(2));
if (options === null) process.exitCode = 2;
else if (options.help) process.stdout.write(USAGE);
else {
  const result = await run(options);
  process.stdout.write(`${JSON.stringify(result)}\n`);
  const { lost, paidTwice, unresolved, overspent = 0 } = result;
  process.exitCode = lost + paidTwice + unresolved + overspent === 0 ? 0 : 1;
}
