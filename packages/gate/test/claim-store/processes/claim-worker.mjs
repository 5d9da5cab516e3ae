/**
 * One gateway process of a test, told what to do by messages: opens the store once, then answers each message with its results.
 * Runs the built package, as a gateway would.
 */
import { openPgliteClaimStore, openPostgresClaimStore } from '@satway/gate/claim-store/sql';

const [kind, where] = process.argv.slice(2);
const store =
  kind === 'postgres'
    ? await openPostgresClaimStore({ url: where })
    : await openPgliteClaimStore({ folder: where, warn: () => {} });

process.on('message', ({ id, verb, items }) => {
  void Promise.all(items.map((item) => store[verb](item))).then((results) => process.send({ id, results }));
});
process.send({ id: 'ready' });
