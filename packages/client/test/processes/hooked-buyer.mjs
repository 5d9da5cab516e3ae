// A buyer that is killed inside one of its hooks. It is told what to do in SATWAY_TEST_BUYER, and pays through a wallet over LND's REST, which outlives it.
import { createEgress } from '@satway/egress';
import { L402Client, openPurchaseStore } from '@satway/client';
import { connectPayingWallet } from '@satway/wallets/open-wallet';

const { storePath, url, settings, dieIn, key } = JSON.parse(process.env.SATWAY_TEST_BUYER);

/** Told over the pipe, which is written before the signal is sent. */
function dying(name) {
  return () => {
    if (name === dieIn) {
      process.stdout.write(`${name}\n`);
      process.kill(process.pid, 'SIGKILL');
    }
    return true;
  };
}

const hooks = Object.fromEntries(
  ['onChallenge', 'onQuote', 'onPaid', 'onUnknown', 'onRedeemed'].map((name) => [name, dying(name)]),
);
if (dieIn === 'approve') hooks.approve = dying('approve');

const wallet = await connectPayingWallet(settings);
const store = openPurchaseStore({ path: storePath });
const egress = createEgress({ allowHosts: ['127.0.0.1'] });
const client = new L402Client({
  wallet,
  store,
  egress,
  hooks,
  paymentTimeoutMs: dieIn === 'onUnknown' ? 3_000 : 60_000,
});
const result = await client.tryFetch(url, key === undefined ? {} : { headers: { 'idempotency-key': key } });
const body = result.ok ? await result.response.text() : null;
await client.close();
store.close();
await wallet.close();
await egress.close();
process.stdout.write(JSON.stringify({ ok: result.ok, code: result.code ?? null, body }));
