// The buyer under test: makes its calls, a few at a time, and tells which ones have their answer.
import { createHash } from 'node:crypto';
import { createEgress } from '@satway/egress';
import { L402Client, openPurchaseStore } from '@satway/client';
import { connectLndPayer } from '@satway/wallets/lnd';
import { endWithParent, ownTask, tellParent } from './child-processes.mjs';

endWithParent();
const { storePath, gatewayUrl, wallet: door, calls, atOnce, attempts } = ownTask();
const egress = createEgress({ allowHosts: [new URL(gatewayUrl).host] });
const wallet = await connectLndPayer({ ...door, egress });
const store = openPurchaseStore({ path: storePath });
const client = new L402Client({
  wallet,
  store,
  egress,
  budgetSats: 10_000_000,
  limits: { perDaySats: 'off', perHostAndDaySats: 'off' },
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

async function work() {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await callUntilAnswered(next);
}

async function callUntilAnswered(call) {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const { method, path, key, body, number } = call;
    const result = await client.tryFetch(gatewayUrl + path, { method, body, headers: { 'Idempotency-Key': key } });
    const told = result.ok
      ? await readAnswer(result.response)
      : { ok: false, code: result.code, message: result.message };
    await tellParent({ number, ...told });
    if (told.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
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
