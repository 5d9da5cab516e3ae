import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesWritten, CORES, startNodeOn, stop } from './lib/processes.mjs';
import { readCounters } from './lib/gateway-metrics.mjs';
import { startUpstream } from './lib/nginx.mjs';
import { newPgliteStore } from './lib/pglite-store.mjs';
import { openShop, PRICE_MSAT } from './lib/shop.mjs';
import { FRESH_IDEMPOTENCY_KEYS, load } from './lib/wrk.mjs';

const library = (name) => new URL(`./lib/${name}.mjs`, import.meta.url).pathname;
const SLOW_WALLET_MS = 5;
const CONNECTIONS = 64;

/** 402 answers, each with an invoice of its own (a fresh `Idempotency-Key` each), with an instant wallet and with one that takes 5 ms; no limits. */
export async function measureChallenges({ seconds, challengesPerSecond }) {
  const upstream = await startUpstream();
  const invoicesPath = await presign(Math.ceil((seconds + 1) * challengesPerSecond));
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
  const shop = await openShop(originUrl, await newPgliteStore());
  const gateway = await startNodeOn(CORES.underTest, library('gateway-under-test'), [
    JSON.stringify({ configPath: shop.configPath, invoicesPath, walletDelayMs }),
  ]);
  const { url } = gateway.ready;
  const run = (duration) =>
    load({ url: `${url}/once`, connections: CONNECTIONS, seconds: duration, lua: FRESH_IDEMPOTENCY_KEYS });
  await run(1);
  const before = await look(gateway);
  const result = await run(seconds);
  const after = await look(gateway);
  await stop(gateway.child);
  const fresh = after.fresh - before.fresh;
  // What was under way when a load stopped, the first or this one, is counted by the gateway alone.
  if (fresh < result.requests || fresh > result.requests + 2 * CONNECTIONS) {
    throw new Error(`${result.requests} answers, and ${fresh} challenges with an invoice of their own`);
  }
  return {
    perSecond: Math.round(result.perSecond),
    p50Ms: result.p50Us / 1000,
    p99Ms: result.p99Us / 1000,
    storeBytesPerChallenge: Number(((after.written - before.written) / result.requests).toFixed(3)),
  };
}

async function look({ child, ready }) {
  const all = 'satway_challenges_total';
  const repeated = 'satway_challenges_repeated_total';
  const counters = await readCounters(ready.url, [all, repeated]);
  return { fresh: counters[all] - counters[repeated], written: bytesWritten(child.pid) };
}
