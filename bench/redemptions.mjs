import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestPostgres } from '../test/support/postgres/start-postgres.mjs';
import { CORES, startNodeOn, stop } from './lib/processes.mjs';
import { startUpstream } from './lib/nginx.mjs';
import { newPgliteStore } from './lib/pglite-store.mjs';
import { openShop } from './lib/shop.mjs';
import { load, oncePerLine } from './lib/wrk.mjs';

const CONNECTIONS = 256;
/** Until the compiler has seen the way of a redemption; shorter, and it is the compiler that is measured. */
const WARM_UP_SECONDS = 4;
/** A server that runs for months is meant, and its first second is not like the others. */
const LEAST_SECONDS = 2;
/** The database in the process is a mark beside the other, and gets less time. */
const PGLITE_WARM_UP_SECONDS = 2;
const serverUnderTest = new URL('./lib/gateway-under-test.mjs', import.meta.url).pathname;

/**
 * Single-use credentials, each claimed and captured durably before its answer leaves: on PostgreSQL with fsync, and on PGlite. The database shares the
 * core of load and upstream.
 */
export async function measureRedemptions({ seconds: wanted, redemptionsPerSecond }) {
  const seconds = Math.max(LEAST_SECONDS, wanted);
  const upstream = await startUpstream();
  const postgres = await startTestPostgres();
  const count = Math.ceil(seconds * redemptionsPerSecond);
  const onPostgres = await redeem(upstream.url, postgresStore(postgres.url), count, seconds, WARM_UP_SECONDS);
  await postgres.stop();
  const onPglite = await redeem(
    upstream.url,
    await newPgliteStore(),
    Math.ceil((wanted * redemptionsPerSecond) / 2),
    wanted,
    PGLITE_WARM_UP_SECONDS,
  );
  await stop(upstream.child);
  return { ...onPostgres, pglite: onPglite };
}

async function redeem(originUrl, store, count, seconds, warmUpSeconds) {
  const shop = await openShop(originUrl, store);
  const [warmUp, measured] = ['warm-up', 'measured'].map((name) => join(shop.folder, name));
  const mint = (file, many) =>
    writeFileSync(file, Array.from({ length: many }, () => `${shop.mint('once', 1)}\n`).join(''));
  mint(warmUp, Math.ceil((count / seconds) * warmUpSeconds));
  mint(measured, count);
  const gateway = await startNodeOn(CORES.underTest, serverUnderTest, [
    JSON.stringify({ configPath: shop.configPath, invoicesPath: null, walletDelayMs: 0 }),
  ]);
  const url = `${gateway.ready.url}/once`;
  const run = (file, duration) =>
    load({ url, connections: CONNECTIONS, seconds: duration, lua: oncePerLine(file, 'Authorization') });
  await run(warmUp, warmUpSeconds);
  const result = await run(measured, seconds);
  await stop(gateway.child);
  if (result.non2xx > 0)
    throw new Error(`${result.non2xx} of ${result.requests} credentials did not open what they were sold for`);
  return { perSecond: Math.round(result.perSecond), p50Ms: inMs(result.p50Us), p99Ms: inMs(result.p99Us) };
}

/** The address holds a password, so the configuration takes it from a file only. */
function postgresStore(url) {
  const urlFile = join(mkdtempSync(join(tmpdir(), 'satway-database-')), 'url');
  writeFileSync(urlFile, url, { mode: 0o600 });
  return { kind: 'postgres', urlFile };
}

function inMs(micros) {
  return Number((micros / 1000).toFixed(1));
}
