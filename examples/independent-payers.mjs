// Independent payers under one orchestrator's budget.
//
// Three sub-agents, each in a process of its own, pay for themselves: each has a part of the orchestrator's budget, and the parts add up to more than the whole. All of
// them buy at the same time, as much as they can. Each stays within its part, and all of them together within the whole. Then the orchestrator stops them all.
//
//     node examples/independent-payers.mjs
import { L402Client } from '@satway/client';
import { check, countBy, tell } from './lib/check.mjs';
import { startPayer } from './lib/processes.mjs';
import { inWorld } from './lib/world.mjs';

const endpoints = [{ id: 'page', method: 'GET', path: '/v1/page/:number', priceSats: 5 }];
const answer = (request, response) => response.end(`page ${request.url}`);

await inWorld({ endpoints, answer }, async (world) => {
  const { wallet, store } = await world.openBuyer();
  const budget = { budgetId: 'orchestrator', budgetSats: 50 };
  const orchestrator = new L402Client({ wallet, store, ...budget, allowHosts: world.allowHosts });
  world.later(() => orchestrator.close());
  const task = (name, count) => ({
    name,
    settings: world.buyerWallet,
    storePath: world.storePath,
    budget,
    budgetSats: 20,
    urls: Array.from({ length: count }, (_, number) => world.url(`/v1/page/${name}-${number}`)),
    allowHosts: world.allowHosts,
  });

  tell('Three sub-agents get 20 sats each of a budget of 50, and each wants six pages for 5 sats');
  const ends = await Promise.all(['ada', 'ben', 'cleo'].map((name) => startPayer(task(name, 6))));
  for (const { name, ends: each, spentMsat } of ends) {
    tell(`  ${name}: ${JSON.stringify(countBy(each))}, ${spentMsat / 1000} sats`);
    check('no more than its part', spentMsat <= 20_000, true);
    const others = each.filter((end) => end !== 'served' && end !== 'BUDGET_EXHAUSTED');
    check('what did not fit was refused before it was paid', others, []);
  }

  tell('The orchestrator spends what is left, if anything is');
  for (let page = 0, result = { ok: true }; result.ok; page += 1) {
    result = await orchestrator.tryFetch(world.url(`/v1/page/rest-${page}`));
  }

  tell('The books');
  const { spentMsat, reservedMsat } = orchestrator.budget();
  check('all of them together spent the whole, and not a sat more', [spentMsat, reservedMsat], [50_000, 0]);
  check('the seller earned it', world.earnedSats(), 50);
  check('what was served was paid for', world.served.length, 10);

  tell('One more comes when nothing is left');
  const late = await startPayer(task('dora', 1));
  check('it is refused', late.ends, ['BUDGET_EXHAUSTED']);

  tell('The orchestrator stops all spending, whatever budget it is of');
  store.budgets.freeze('that is enough');
  const stopped = await startPayer({ ...task('emil', 1), budget: { budgetId: 'another', budgetSats: 100 } });
  check('every process obeys at once', stopped.ends, ['BUDGET_FROZEN']);
  check('the seller earned nothing more', world.earnedSats(), 50);
});
