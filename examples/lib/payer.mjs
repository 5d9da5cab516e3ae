// A sub-agent in a process of its own that pays by itself: it opens the store of the orchestrator, and takes up its part of the orchestrator's budget. It is
// started by `startPayer` of processes.mjs.
import { L402Client, openPurchaseStore } from '@satway/client';
import { connectPayingWallet } from '@satway/wallets/open-wallet';

process.on('message', async ({ name, settings, storePath, budget, budgetSats, urls, allowHosts }) => {
  const wallet = await connectPayingWallet(settings);
  const store = openPurchaseStore({ path: storePath });
  // The same name and the same number as the orchestrator's own: it is the same budget.
  const whole = new L402Client({ wallet, store, ...budget, allowHosts });
  const part = whole.subClient({ budgetSats, budgetId: `${budget.budgetId}/${name}` });
  const ends = [];
  for (const url of urls) {
    const result = await part.tryFetch(url);
    ends.push(result.ok ? 'served' : result.code);
  }
  const { spentMsat } = part.budget();
  await part.close();
  await whole.close();
  store.close();
  await wallet.close();
  process.send({ name, ends, spentMsat }, () => process.disconnect());
});
