import { residentMiB, cpuTimeMs, startNodeOn, stop, CORES } from './lib/processes.mjs';
import { startNginxProxy, startUpstream } from './lib/nginx.mjs';
import { openShop } from './lib/shop.mjs';
import { load } from './lib/wrk.mjs';
import { median } from './lib/statistics.mjs';

const library = (name) => new URL(`./lib/${name}.mjs`, import.meta.url).pathname;

/**
 * Free and paid calls through the gateway against nginx and against the least that a proxy in Node can be, over one upstream. The candidates take turns, so that
 * a noisy moment hits them all; a figure is requests for each second of CPU time that the candidate used, the median of the rounds.
 */
export async function measurePassThrough({ seconds, rounds }) {
  const upstream = await startUpstream();
  const nginx = await startNginxProxy(upstream.url);
  const bare = await startNodeOn(CORES.underTest, library('bare-proxy'), [upstream.url]);
  const shop = await openShop(upstream.url, { kind: 'memory' });
  const gateway = await startNodeOn(CORES.underTest, library('gateway-under-test'), [
    JSON.stringify({ configPath: shop.configPath, invoicesPath: null, walletDelayMs: 0 }),
  ]);
  const idleMiB = residentMiB(gateway.child.pid);
  const credential = shop.mint('many', shop.manyUses);
  const candidates = {
    nginx: { pid: nginx.child.pid, url: `${nginx.url}/free` },
    bare: { pid: bare.child.pid, url: `${bare.ready.url}/free` },
    free: { pid: gateway.child.pid, url: `${gateway.ready.url}/free` },
    paid: { pid: gateway.child.pid, url: `${gateway.ready.url}/many`, headers: { Authorization: credential } },
  };
  // The gateway is the largest program of them, and takes longest until the compiler has seen it all.
  for (const candidate of [candidates.nginx, candidates.bare]) await load({ ...candidate, seconds: 1 });
  for (const candidate of [candidates.free, candidates.paid]) await load({ ...candidate, seconds: 3 });
  const samples = Object.fromEntries(Object.keys(candidates).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, candidate] of Object.entries(candidates))
      samples[name].push(await measureOnce(name, candidate, seconds));
  }
  const loadedMiB = residentMiB(gateway.child.pid);
  await Promise.all([nginx.child, bare.child, gateway.child, upstream.child].map((child) => stop(child)));
  const perCpuSecond = Object.fromEntries(
    Object.entries(samples).map(([name, values]) => [name, Math.round(median(values))]),
  );
  const ratio = (name, mark) => Number((perCpuSecond[name] / perCpuSecond[mark]).toFixed(3));
  return {
    requestsPerCpuSecond: perCpuSecond,
    freePassThrough: { ratioToNginx: ratio('free', 'nginx'), ratioToBareProxy: ratio('free', 'bare') },
    paidPassThrough: { ratioToNginx: ratio('paid', 'nginx'), ratioToBareProxy: ratio('paid', 'bare') },
    memoryMiB: { idle: Math.round(idleMiB), underLoad: Math.round(loadedMiB) },
  };
}

async function measureOnce(name, { pid, url, headers }, seconds) {
  const before = cpuTimeMs(pid);
  const { requests, non2xx, socketErrors } = await load({ url, headers, seconds });
  if (non2xx > 0 || socketErrors > 0)
    throw new Error(`${name}: ${non2xx} answers that are no success, ${socketErrors} broken connections`);
  return (requests * 1000) / (cpuTimeMs(pid) - before);
}
