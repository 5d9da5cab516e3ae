// Sequential sharing of a single-use credential.
//
// One call is bought and handed whole to one sub-agent after the other, until one of them gets its answer. A failing API costs nothing: the use comes back. An
// answer that is lost can be asked for again by whoever has the token and the key of the call. Everybody after that is refused, and nobody pays.
//
//     node examples/sequential-sharing.mjs
import { L402Client } from '@satway/client';
import { check, tell } from './lib/check.mjs';
import { askSubAgent } from './lib/processes.mjs';
import { inWorld } from './lib/world.mjs';

const endpoints = [{ id: 'report', method: 'POST', path: '/v1/report', priceSats: 25 }];
let isDown = true;
let reports = 0;
function answer(_, response) {
  if (isDown) return response.writeHead(500).end('out of order');
  reports += 1;
  return response.writeHead(200, { 'content-length': 8 }).end(`report ${reports}`);
}

await inWorld({ endpoints, answer }, async (world) => {
  const { wallet, store } = await world.openBuyer();
  const orchestrator = new L402Client({ wallet, store, budgetSats: 25, allowHosts: world.allowHosts });
  world.later(() => orchestrator.close());
  const report = (key) => [{ url: world.url('/v1/report'), method: 'POST', key }];

  tell('The orchestrator buys one report');
  const bought = await orchestrator.obtain(world.url('/v1/report'), { method: 'POST' });
  check('it paid 25 sats for one call', [bought.cost.paidMsat, bought.usesLeft], [25_000, 1]);

  tell('The first sub-agent meets an API that is out of order');
  const [failed] = await askSubAgent(bought.token, report('first'), world);
  check('it is told so, and that the use came back', [failed.status, failed.outcome], [500, 'released']);
  isDown = false;

  tell('The second gets the report, under a key that the orchestrator chose');
  const [got] = await askSubAgent(bought.token, report('second'), world);
  check('it is charged', [got.answer, got.outcome], ['report 1', 'charged']);

  tell('The answer is lost on its way to the orchestrator, who sends another with the same token and the same key');
  const [again] = await askSubAgent(bought.token, report('second'), world);
  check('it gets the same report', again.answer, 'report 1');
  check('the API made one report', reports, 1);

  tell('One more comes with a key of its own');
  const [late] = await askSubAgent(bought.token, report('late'), world);
  check('it is refused, and pays nothing', [late.refused, late.fundsMoved], ['HANDED_CREDENTIAL_REFUSED', 'no']);

  tell('Five at the same moment, with another report');
  await orchestrator.close();
  const second = new L402Client({ wallet, store, budgetId: 'second', budgetSats: 25, allowHosts: world.allowHosts });
  world.later(() => second.close());
  const other = await second.obtain(world.url('/v1/report'), { method: 'POST' });
  const rush = await Promise.all([1, 2, 3, 4, 5].map((n) => askSubAgent(other.token, report(`rush-${n}`), world)));
  check('one of them is served', rush.flat().filter(({ outcome }) => outcome === 'charged').length, 1);
  check('the API made one more report', reports, 2);

  tell('The books');
  check('the seller earned two payments', world.earnedSats(), 50);
});
