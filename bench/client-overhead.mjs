import { closeSync, fsyncSync, mkdtempSync, openSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { L402Client, openPurchaseStore } from '../packages/client/dist/index.js';
import { createSandboxNetwork } from '../packages/wallets/dist/sandbox/index.js';
import { median } from './lib/statistics.mjs';

/** Until the compiler has seen the way of a purchase. */
const WARM_UP_PURCHASES = 200;
/** About what a purchase writes before it waits. */
const SYNCED_BYTES = 65_536;

/**
 * What the client itself costs for each paid call, journal on disk included: the time of `fetch` less the time in which the server and the wallet
 * worked, both of which run in this process. It waits twice for the disk, so how long one wait takes on this machine is told beside it.
 */
export async function measureClientOverhead({ purchases }) {
  const network = createSandboxNetwork();
  const buyer = network.addNode('buyer', { balanceMsat: 10_000_000_000 });
  const seller = network.addNode('seller');
  const spent = { elsewhereMs: 0 };
  const server = await startSeller(seller.issuer, spent);
  const folder = mkdtempSync(join(tmpdir(), 'satway-client-'));
  const store = openPurchaseStore({ path: join(folder, 'purchases.db'), keychain: 'off' });
  const client = new L402Client({
    wallet: timed(buyer.payer, spent),
    allowHosts: ['127.0.0.1'],
    store,
    budgetSats: 1_000_000,
    limits: { perDaySats: 'off', perHostAndDaySats: 'off' },
    maxPerRequestSats: 100,
  });
  const samples = [];
  for (let call = 0; call < purchases + WARM_UP_PURCHASES; call += 1) {
    spent.elsewhereMs = 0;
    const start = performance.now();
    const response = await client.fetch(`${server.url}/${call}`);
    await response.text();
    if (response.status !== 200) throw new Error(`a paid call answered ${response.status}`);
    if (call >= WARM_UP_PURCHASES) samples.push(performance.now() - start - spent.elsewhereMs);
  }
  await client.close();
  store.close();
  server.close();
  network.close();
  return { medianMs: Number(median(samples).toFixed(3)), oneDiskWaitMs: diskWaitMs(folder) };
}

/** The median time until the disk has a few pages that were appended to a file. */
function diskWaitMs(folder) {
  const file = openSync(join(folder, 'synced'), 'w');
  const waits = Array.from({ length: 100 }, () => {
    writeSync(file, Buffer.alloc(SYNCED_BYTES, 1));
    const start = performance.now();
    fsyncSync(file);
    return performance.now() - start;
  });
  closeSync(file);
  return Number(median(waits).toFixed(3));
}

function timed(payer, spent) {
  const pay = async (request) => {
    const start = performance.now();
    const outcome = await payer.pay(request);
    spent.elsewhereMs += performance.now() - start;
    return outcome;
  };
  return Object.assign(Object.create(payer), { pay });
}

/** A seller that knows only how to ask and how to take: its tokens are opaque to the client. */
async function startSeller(issuer, spent) {
  const server = createServer(async (request, response) => {
    if (request.headers.authorization !== undefined) return response.end('paid');
    const start = performance.now();
    const { invoice } = await issuer.create({ amountMsat: 5_000, description: 'benchmark', expirySeconds: 600 });
    spent.elsewhereMs += performance.now() - start;
    const token = Buffer.from(`opaque ${request.url}`).toString('base64');
    return response.writeHead(402, { 'WWW-Authenticate': `L402 macaroon="${token}", invoice="${invoice}"` }).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => server.closeAllConnections() ?? server.close(),
  };
}
