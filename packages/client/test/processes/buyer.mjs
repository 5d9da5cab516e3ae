// A buyer in a process of its own, for tests that race or kill it. It is told what to do in SATWAY_TEST_BUYER, asks its parent to act as the wallet,
// and kills itself for real before or after the step that it is told.
import { createEgress } from '@satway/egress';
import { L402Client, openPurchaseStore } from '@satway/client';

const task = JSON.parse(process.env.SATWAY_TEST_BUYER);
let steps = 0;

/** Counts one point between two steps, and dies there when it is the chosen one. */
function point(name) {
  if (steps++ !== task.killAt) return;
  process.send({ dying: name }, () => process.kill(process.pid, 'SIGKILL'));
  // The message must be out before the signal; nothing else may happen meanwhile.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0);
  process.kill(process.pid, 'SIGKILL');
}

const QUIET = new Set([
  'get',
  'findByKey',
  'listByKey',
  'findUnfinished',
  'listUnfinished',
  'list',
  'state',
  'isStopped',
  'mayHaveUse',
  'scopeOf',
]);

/** The same object, with a point before and after each call that changes something. */
function instrument(target, label) {
  return new Proxy(target, {
    get(object, name) {
      const value = object[name];
      if (typeof value === 'object' && value !== null) return instrument(value, `${label}.${String(name)}`);
      if (typeof value !== 'function') return value;
      return (...args) => {
        if (QUIET.has(name)) return value.apply(object, args);
        point(`before ${label}.${String(name)}`);
        const result = value.apply(object, args);
        if (!(result instanceof Promise)) {
          point(`after ${label}.${String(name)}`);
          return result;
        }
        return result.finally(() => point(`after ${label}.${String(name)}`));
      };
    },
  });
}

const waiting = new Map();
process.on('message', ({ id, result, error }) => {
  const { resolve, reject } = waiting.get(id);
  waiting.delete(id);
  if (error === undefined) resolve(result);
  else reject(Object.assign(new Error(error), { name: 'WalletError' }));
});

function askParent(method, args) {
  const id = waiting.size === 0 ? 1 : Math.max(...waiting.keys()) + 1;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    process.send({ id, method, args });
  });
}

const wallet = {
  ...task.wallet,
  feeCeilingMsat: () => task.wallet.feeCeilingMsat,
  pay: (request) => askParent('pay', [request]),
  lookUp: (hash) => askParent('lookUp', [hash]),
  balance: () => askParent('balance', []),
};

const store = openPurchaseStore({ path: task.storePath });
const client = new L402Client({
  wallet: instrument(wallet, 'wallet'),
  store: instrument(store, 'store'),
  egress: instrument(createEgress({ allowHosts: ['127.0.0.1'] }), 'egress'),
  budgetSats: task.budgetSats,
  limits: task.limits,
  maxPerRequestSats: task.maxPerRequestSats,
  ...(task.asksApproval === true ? { approve: () => true } : {}),
});

/** Buys without using; the token goes to the parent as it would to a sub-agent. */
async function obtain(url, init) {
  try {
    const { token, cost, usesLeft } = await client.obtain(url, init);
    return { ok: true, token, cost, usesLeft };
  } catch ({ code, detail = null }) {
    return { ok: false, code, detail };
  }
}

async function call({ url, key, obtains = false }) {
  if (obtains) return obtain(url, key === undefined ? {} : { headers: { 'idempotency-key': key } });
  const result = await client.tryFetch(url, key === undefined ? {} : { headers: { 'idempotency-key': key } });
  if (!result.ok) return { ok: false, code: result.code, detail: result.error.detail ?? null };
  return { ok: true, status: result.response.status, body: await result.response.text(), payment: result.payment };
}

const report = await client.recover();
const results = await (task.atOnce === true
  ? Promise.all(task.calls.map(call))
  : task.calls.reduce(async (done, next) => [...(await done), await call(next)], Promise.resolve([])));
await client.close();
store.close();
process.send({ results, report, steps }, () => process.disconnect());
