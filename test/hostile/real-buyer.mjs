// The buyer under test: our client, as an agent's developer would make it.
import { join } from 'node:path';
import { L402Client, openPurchaseStore } from '@satway/client';

/** Long enough for a busy machine; a case whose peer never ends asks for less. */
const TIMES = { exchangeTimeoutMs: 40_000, paymentTimeoutMs: 40_000, maxRetryWaitMs: 200 };

/**
 * @param approvedMsat - what the case's buyer has approved, and nothing else bounds; a case that wants no other bound than its claim leaves it out.
 */
export async function openRealBuyer({
  wallet,
  egress,
  folder,
  tell,
  capSats = 1_000_000,
  budgetSats = capSats,
  ...options
}) {
  const store = openPurchaseStore({ path: join(folder, 'purchases.db') });
  const client = new L402Client({
    wallet,
    store,
    egress,
    budgetSats,
    maxPerRequestSats: capSats,
    limits: { perDaySats: 'off', perHostAndDaySats: 'off' },
    ...TIMES,
    onEvent: (event) => tell(JSON.stringify(event)),
    ...options.client,
  });
  return {
    client,
    store,
    call: (url, init, perCall) => call(client, url, init, perCall, tell),
    recover: () => client.recover(),
    async close() {
      await client.close();
      store.close();
    },
  };
}

async function call(client, url, init, perCall, tell) {
  const result = await client.tryFetch(url, init, perCall);
  if (!result.ok) {
    tell(`${result.code} ${result.message} ${JSON.stringify(result.error)}`);
    return { outcome: result.code, text: '' };
  }
  try {
    return { outcome: `HTTP ${result.response.status}`, text: await result.response.text() };
  } catch (error) {
    tell(`${error.code} ${error.message}`);
    return { outcome: error.code ?? 'BODY_BROKEN', text: '' };
  }
}
