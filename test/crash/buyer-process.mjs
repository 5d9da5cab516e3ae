// The buyer under test: makes its calls, a few at a time, and tells which ones have their answer.
import { createHash } from 'node:crypto';
import { createEgress } from '@satway/egress';
import { L402Client, openPurchaseStore } from '@satway/client';
import { connectLndPayer } from '@satway/wallets/lnd';
import { endWithParent, ownTask, tellParent } from './child-processes.mjs';

/** What a limit refuses is asked for so often before it is given up; what may come with time, for ever. */
const REFUSALS_BEFORE_GIVING_UP = 3;

endWithParent();
const { storePath, gatewayUrls, wallet: door, calls, atOnce, attempts, limits, clock } = ownTask();
const egress = createEgress({ allowHosts: gatewayUrls.map((url) => new URL(url).host) });
const wallet = await connectLndPayer({ ...door, egress });
const store = openPurchaseStore({ path: storePath, keychain: 'off', nowMs: nowOnFastClock });
const client = new L402Client({
  wallet,
  store,
  egress,
  budgetSats: limits.budgetSats ?? 10_000_000,
  limits: {
    perDaySats: 'off',
    perHostAndDaySats: limits.perHostSats ?? 'off',
    perMinuteSats: limits.perMinuteSats ?? 'off',
  },
  maxPerRequestSats: 100,
  maxFreeRetries: 20,
  paymentTimeoutMs: 10_000,
  exchangeTimeoutMs: 10_000,
});
await client.recover();
await tellParent({ ready: true });

const waiting = [...calls];
await Promise.all(Array.from({ length: atOnce }, work));
await client.close();
store.close();
await tellParent({ finished: true });
process.disconnect();

/** Only the rows' time stamps, by which limits are counted, pass faster; invoices expire by the real clock. */
function nowOnFastClock() {
  return clock.startMs + (Date.now() - clock.startMs) * clock.speed;
}

async function work() {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await callUntilAnswered(next);
}

async function callUntilAnswered(call) {
  let refusals = 0;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const { method, path, key, body, number, host } = call;
    const init = { method, body, headers: { 'Idempotency-Key': key } };
    const result = await client.tryFetch(gatewayUrls[host] + path, init);
    const told = result.ok
      ? await readAnswer(result.response)
      : { ok: false, code: result.code, message: result.message };
    if (isOverLimit(told)) refusals++;
    const givenUp = refusals === REFUSALS_BEFORE_GIVING_UP;
    await tellParent({ number, ...told, givenUp });
    if (told.ok || givenUp) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A limit that time does not lift within a run. */
function isOverLimit({ code, message = '' }) {
  return code === 'BUDGET_EXHAUSTED' || (code === 'SPENDING_LIMIT_REACHED' && message.includes('perHostAndDay'));
}

/** An answer counts when it came whole and with 200. */
async function readAnswer(response) {
  try {
    const text = await response.text();
    if (response.status !== 200) return { ok: false, code: `STATUS_${response.status}`, message: text.slice(0, 200) };
    return { ok: true, digest: createHash('sha256').update(text).digest('hex') };
  } catch (error) {
    return { ok: false, code: error.code ?? 'BODY_BROKEN', message: String(error.message) };
  }
}
