import { createServer } from 'node:net';

/**
 * Below the ports that the system hands out by itself, so that no connection of anybody takes one between its being found and its being used; each worker
 * of a test run looks in a stretch of its own.
 */
const FIRST_PORT = 15_000;
const PORTS_PER_WORKER = 2_000;
const WORKERS = 8;

const worker = Number(process.env['VITEST_POOL_ID'] ?? 0) % WORKERS;
const firstPort = FIRST_PORT + worker * PORTS_PER_WORKER;
let next = Math.floor(Math.random() * PORTS_PER_WORKER);

/** Ports of the loopback address that nobody listens on, all different, and different from those found before. */
export async function findFreePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let tried = 0; ports.length < count; tried += 1) {
    if (tried === PORTS_PER_WORKER) throw new Error('no port is free for the nodes of the tests');
    const port = firstPort + (next++ % PORTS_PER_WORKER);
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
