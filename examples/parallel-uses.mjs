// Parallel use of one n-use credential.
//
// An orchestrator buys six calls with one payment and hands two each to three sub-agents, who work at the same time in processes of their own. None of them
// has a wallet. Each asks once more often than it may. Then two who were promised more than there is, together, share what there is.
//
//     node examples/parallel-uses.mjs
import { delegate, L402Client } from '@satway/client';
import { check, countBy, tell } from './lib/check.mjs';
import { askSubAgent } from './lib/processes.mjs';
import { inWorld } from './lib/world.mjs';

const endpoints = [{ id: 'quote', method: 'GET', path: '/v1/quote/:symbol', priceSats: 60, uses: 6 }];
const answer = (request, response) => response.end(`a quote for ${request.url.split('/').at(-1)}`);

await inWorld({ endpoints, answer }, async (world) => {
  const { wallet, store } = await world.openBuyer();
  const orchestrator = new L402Client({ wallet, store, budgetSats: 120, allowHosts: world.allowHosts });
  world.later(() => orchestrator.close());

  tell('The orchestrator buys six calls with one payment, and uses none of them');
  const bought = await orchestrator.obtain(world.url('/v1/quote/gold'));
  check('it paid 60 sats for 6 calls', [bought.cost.paidMsat, bought.usesLeft], [60_000, 6]);
  check('nothing was called yet', world.served, []);

  tell('It hands two calls each to three sub-agents, offline, for ten minutes and under one path');
  const tokens = [1, 2, 3].map(() =>
    mustBe(delegate(bought, { uses: 2, pathPrefix: '/v1/quote', validForMs: 600_000 })),
  );
  const greedy = delegate(tokens[0], { uses: 3 });
  check('none of them can hand on more than it has', [greedy.ok, greedy.code], [false, 'DELEGATION_WIDENS']);

  tell('All three work at the same time, and each asks three times');
  const calls = ['gold', 'salt', 'wool'].map((symbol) => ({ url: world.url(`/v1/quote/${symbol}`) }));
  const results = await Promise.all(tokens.map((token) => askSubAgent(token, calls, world)));
  for (const result of results) {
    const ends = result.map(({ refused, outcome }) => refused ?? outcome);
    check('each got two answers, and one refusal', ends, ['charged', 'charged', 'HANDED_CREDENTIAL_REFUSED']);
  }
  check('the API was called six times', world.served.length, 6);

  tell('Two sub-agents are promised four calls each of six, and take all that they can get at the same time');
  const second = await orchestrator.obtain(world.url('/v1/quote/gold'));
  const rivals = [1, 2].map(() => mustBe(delegate(second, { uses: 4 })));
  const eager = Array.from({ length: 5 }, () => calls[0]);
  const taken = (await Promise.all(rivals.map((token) => askSubAgent(token, eager, world)))).map(
    (result) => result.filter(({ refused }) => refused === undefined).length,
  );
  check('together they got what was paid for', taken[0] + taken[1], 6);
  check('neither got more than its own four', Math.max(...taken) <= 4, true);

  tell('The books');
  check('the seller earned two payments', world.earnedSats(), 120);
  check('the orchestrator spent its budget, and nobody else had one', orchestrator.budget().spentMsat, 120_000);
  check('what was served was paid for', countBy(world.served.map((line) => line.split(' ')[0])), { GET: 12 });
});

function mustBe(delegation) {
  check('a branch of its own was made', delegation.ok, true);
  return delegation.token;
}
