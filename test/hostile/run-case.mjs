// Runs one case and judges it: what was paid stands in the wallet's books, what leaked stands in what the servers received.
import { isLocal, watchConnections } from './outgoing.mjs';
import { openScene } from './scene.mjs';

const LONGEST_CASE_MS = 180_000;

/**
 * @returns `{case, paidMsat, approvedMsat, outcome, overpaid, leaks, problem}`; `problem` says why the case proves nothing, `null` when it ran as it should.
 */
export async function runCase(hostileCase, makeBuyer) {
  const { name, approvedMsat } = hostileCase;
  const attempts = [];
  const scene = await openScene(makeBuyer);
  try {
    const played = watchConnections(attempts, () => hostileCase.play(scene));
    const outcome = await withinTime(played);
    scene.settleAll();
    const judged = { ...judgeMoney(hostileCase, scene.payments()), leaks: leaksOf(scene, attempts) };
    return { case: name, approvedMsat, outcome, ...judged, problem: problemOf(hostileCase, outcome) };
  } catch (error) {
    const outcome = `did not run: ${error?.message ?? error}`;
    return { case: name, paidMsat: 0, approvedMsat, outcome, overpaid: false, leaks: [], problem: outcome };
  } finally {
    await scene.close();
  }
}

function problemOf({ expect }, outcome) {
  const isExpected = [expect].flat().some((each) => (each instanceof RegExp ? each.test(outcome) : each === outcome));
  return isExpected ? null : `expected ${[expect].flat().join(' or ')}`;
}

/** Whatever was still under way has been settled by now. Paid for one thing is paid once. */
function judgeMoney({ approvedMsat, payments: allowed = 1 }, payments) {
  const settled = payments.filter(({ state }) => state === 'SUCCEEDED');
  const paidMsat = settled.reduce((sum, { amountMsat, feeMsat }) => sum + amountMsat + feeMsat, 0);
  return { paidMsat, overpaid: paidMsat > approvedMsat || settled.length > allowed };
}

/** Secrets that reached a server that should not have them, and connections that should not have been opened. */
function leaksOf(scene, attempts) {
  const heard = scene.servers.map(({ name, received }) => ({ name, text: received.join('\n') }));
  heard.push({ name: 'told', text: scene.told.join('\n') });
  const secrets = scene.secrets.flatMap(({ name, value, mayGoTo }) =>
    heard
      .filter((place) => !mayGoTo.includes(place.name) && spellingsOf(value).some((each) => place.text.includes(each)))
      .map((place) => `${name} → ${place.name}`),
  );
  const reached = scene.servers.filter(({ inside, received }) => inside === true && received.length > 0);
  const strays = [...straysOf(scene, attempts), ...reached.map(({ name }) => `request → ${name}`)];
  return [...new Set([...secrets, ...strays])];
}

function spellingsOf(value) {
  const bytes = Buffer.from(value, 'utf8');
  const hexBytes = /^(?:[0-9a-f]{2})+$/i.test(value) ? [Buffer.from(value, 'hex').toString('base64')] : [];
  return [
    value,
    value.toUpperCase(),
    encodeURIComponent(value),
    bytes.toString('base64').replace(/=+$/, ''),
    ...hexBytes,
  ];
}

function straysOf({ servers, front }, attempts) {
  const known = new Set([front.port, ...servers.filter(({ inside }) => inside !== true).map(({ port }) => port)]);
  return attempts
    .filter(({ address, port }) => !isLocal(address) || !known.has(port))
    .map(({ address, port }) => `connection → ${address}:${isLocal(address) ? 'inside' : port}`);
}

async function withinTime(work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('it took too long')), LONGEST_CASE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
