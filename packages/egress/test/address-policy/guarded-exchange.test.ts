import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createEgress, type Egress, type EgressOptions } from '../../src/index.js';

let server: Server;
let port: number;
let served: string[] = [];
/** Even a connection that is closed at once tells that somebody listens. */
let connections = 0;
const doors: Egress[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    served.push(`${request.headers.host}${request.url}`);
    response.end('secret');
  });
  server.on('connection', () => void (connections += 1));
  // Both families, so that no spelling is refused for want of a listener.
  server.listen(0, '::');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(() => void server.close());
afterEach(async () => {
  served = [];
  connections = 0;
  await Promise.all(doors.splice(0).map((door) => door.close()));
});

function door(options: EgressOptions = {}): Egress {
  const egress = createEgress(options);
  doors.push(egress);
  return egress;
}

const get = (host: string) => ({
  method: 'GET',
  url: `http://${host}:${port}/x`,
  deadlineMs: 5000,
  maxBodyBytes: 1000,
});

const SPELLINGS = [
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '127.0.0.1.',
  '0.0.0.0',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:ffff:127.0.0.1]',
  'localhost',
  'LOCALHOST',
];

describe('the door out', () => {
  it.each(SPELLINGS)('sends nothing to this machine, spelled %s', async (host) => {
    await expect(door().exchange(get(host))).rejects.toMatchObject({
      code: 'EGRESS_ADDRESS_REFUSED',
      fundsMoved: 'no',
      facts: { requestMayHaveBeenSent: false },
    });
    expect({ served, connections }).toEqual({ served: [], connections: 0 });
  });

  it.each(['127.0.0.1', '[::1]', 'localhost'])('would have sent it without the guard: %s', async (host) => {
    const answer = await door({ allowPrivate: true }).exchange(get(host));
    expect(await answer.text()).toBe('secret');
  });

  it('sends to a private host that was named, on the port that was named', async () => {
    const egress = door({ allowHosts: [`localhost:${port}`] });
    expect((await egress.exchange(get('localhost'))).status).toBe(200);
    await expect(egress.exchange(get('127.0.0.1'))).rejects.toMatchObject({ code: 'EGRESS_ADDRESS_REFUSED' });
    const elsewhere = door({ allowHosts: [`localhost:${port + 1}`] });
    await expect(elsewhere.exchange(get('localhost'))).rejects.toMatchObject({ code: 'EGRESS_ADDRESS_REFUSED' });
  });

  it('sends to a host that was configured, and shares no connection with those that were not', async () => {
    const egress = door();
    expect((await egress.exchange({ ...get('127.0.0.1'), reach: 'configured' })).status).toBe(200);
    await expect(egress.exchange(get('127.0.0.1'))).rejects.toMatchObject({ code: 'EGRESS_ADDRESS_REFUSED' });
  });

  it('opens no socket to this machine either', async () => {
    const events = { onText: () => undefined, onClosed: () => undefined };
    const request = { url: `ws://localhost:${port}/`, handshakeTimeoutMs: 5000, maxMessageBytes: 1000, events };
    await expect(door().openSocket(request)).rejects.toMatchObject({ code: 'EGRESS_ADDRESS_REFUSED' });
    expect(served).toEqual([]);
  });

  it('says which host it was, and no address', async () => {
    const error = await door()
      .exchange(get('localhost'))
      .catch((thrown: unknown) => thrown);
    expect(String((error as { detail?: string }).detail)).toBe('Host: localhost.');
  });
});
