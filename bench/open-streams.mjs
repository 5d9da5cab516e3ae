import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { setTimeout as passTime } from 'node:timers/promises';
import { CORES, residentMiB, startNodeOn, stop } from './lib/processes.mjs';
import { openShop } from './lib/shop.mjs';

const serverUnderTest = new URL('./lib/gateway-under-test.mjs', import.meta.url).pathname;
const STREAMS = 500;
/** The collector frees what the opening of a stream left behind; what stays is what an open stream costs. */
const SETTLE_MS = 1_000;

/** Memory for each stream that is open and quiet: one event has passed, the next is long in coming. */
export async function measureOpenStreams() {
  const origin = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: hello\n\n');
  });
  origin.listen(0, '127.0.0.1');
  await once(origin, 'listening');
  const shop = await openShop(`http://127.0.0.1:${origin.address().port}`, { kind: 'memory' });
  const gateway = await startNodeOn(CORES.underTest, serverUnderTest, [
    JSON.stringify({ configPath: shop.configPath, invoicesPath: null, walletDelayMs: 0 }),
  ]);
  const url = `${gateway.ready.url}/free`;
  // The first few bring in the code and the buffers that all share.
  const first = await openStreams(url, 50);
  await passTime(SETTLE_MS);
  const before = residentMiB(gateway.child.pid);
  const more = await openStreams(url, STREAMS);
  await passTime(SETTLE_MS);
  const after = residentMiB(gateway.child.pid);
  for (const response of [...first, ...more]) response.destroy();
  await stop(gateway.child);
  origin.closeAllConnections();
  origin.close();
  return { kiBPerStream: Number((((after - before) * 1024) / STREAMS).toFixed(1)) };
}

function openStreams(url, count) {
  return Promise.all(Array.from({ length: count }, () => openStream(url)));
}

async function openStream(url) {
  const [response] = await once(get(url, { agent: false }), 'response');
  response.on('error', () => undefined);
  await once(response, 'data');
  return response;
}
