import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesWritten, CORES, startNodeOn, stop } from './lib/processes.mjs';
import { startUpstream } from './lib/nginx.mjs';
import { openShop, PRICE_MSAT } from './lib/shop.mjs';
import { FRESH_IDEMPOTENCY_KEYS, load } from './lib/wrk.mjs';

const library = (name) => new URL(`./lib/${name}.mjs`, import.meta.url).pathname;
const SLOW_WALLET_MS = 5;

/** 402 answers, each with an invoice of its own (a fresh `Idempotency-Key` each), with an instant wallet and with one that takes 5 ms; no limits. */
export async function measureChallenges({ seconds, challengesPerSecond }) {
  const upstream = await startUpstream();
  const invoicesPath = await presign(Math.ceil(seconds * challengesPerSecond * 1.5));
  const instant = await challenge(upstream.url, invoicesPath, 0, seconds);
  const slow = await challenge(upstream.url, invoicesPath, SLOW_WALLET_MS, seconds);
  await stop(upstream.child);
  return { ...instant, withWalletOf5Ms: slow };
}

/** Signing takes longer than anything that is measured, so both cores do it beforehand. */
async function presign(count) {
  const folder = mkdtempSync(join(tmpdir(), 'satway-invoices-'));
  const parts = Object.values(CORES).map((core) => ({ core, path: join(folder, `invoices-${core}.json`) }));
  const work = ({ core, path }) =>
    startNodeOn(core, library('presign-worker'), [
      JSON.stringify({ count: Math.ceil(count / 2), amountMsat: PRICE_MSAT, path }),
    ]);
  await Promise.all(parts.map(work));
  const all = join(folder, 'invoices.json');
  writeFileSync(all, JSON.stringify(parts.flatMap(({ path }) => JSON.parse(readFileSync(path, 'utf8')))));
  return all;
}

async function challenge(originUrl, invoicesPath, walletDelayMs, seconds) {
  const shop = await openShop(originUrl, { kind: 'pglite', folder: './store' });
  const gateway = await startNodeOn(CORES.underTest, library('gateway-under-test'), [
    JSON.stringify({ configPath: shop.configPath, invoicesPath, walletDelayMs }),
  ]);
  const run = (duration) =>
    load({ url: `${gateway.ready.url}/once`, connections: 64, seconds: duration, lua: FRESH_IDEMPOTENCY_KEYS });
  await run(seconds / 2);
  const writtenBefore = bytesWritten(gateway.child.pid);
  const result = await run(seconds);
  const written = bytesWritten(gateway.child.pid) - writtenBefore;
  await stop(gateway.child);
  const not402 = result.requests - result.non2xx;
  if (not402 > 0 || result.socketErrors > 0) throw new Error(`${not402} answers were no challenge`);
  return {
    perSecond: Math.round(result.perSecond),
    p50Ms: result.p50Us / 1000,
    p99Ms: result.p99Us / 1000,
    storeBytesPerChallenge: Number((written / result.requests).toFixed(3)),
  };
}
