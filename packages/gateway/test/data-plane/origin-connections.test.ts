import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { call } from '../support/http-call.js';
import { type Plane, startPlane } from '../support/plane.js';
import { ScriptedClaim } from '../support/scripted-gate.js';

const CREDENTIAL = { authorization: `L402 AgEG:${'00'.repeat(32)}` };
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

let server: Server;
let plane: Plane;
let claim: ScriptedClaim;
const sockets = new Set<Socket>();
/** Request lines in the order of their coming. */
let asked: string[];
afterEach(async () => {
  await plane.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** An origin that does with the n-th request (from 1) on a connection, the m-th overall, as it is told. */
async function start(answer: (socket: Socket, onConnection: number, overall: number) => void): Promise<void> {
  asked = [];
  server = createServer((socket) => {
    let onConnection = 0;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.on('data', (bytes: Buffer) => {
      asked.push(bytes.toString().split('\r\n')[0] ?? '');
      onConnection += 1;
      answer(socket, onConnection, asked.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  plane = await startPlane({ originUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  claim = new ScriptedClaim();
}

const ends: [string, (socket: Socket) => void][] = [
  ['in order', (socket) => void socket.end()],
  ['by a reset', (socket) => void socket.resetAndDestroy()],
];

describe('an origin that closes an idle connection while a request is on its way to it', () => {
  it.each(
    ends.flatMap(([how, end]) =>
      ['GET', 'HEAD'].flatMap((method) => [
        { how, end, method, paid: false },
        { how, end, method, paid: true },
      ]),
    ),
  )('($how) is asked once more: $method, paid: $paid', async ({ end, method, paid }) => {
    await start((socket, onConnection) => {
      if (onConnection > 1) end(socket);
      else socket.write(asked.at(-1)?.startsWith('HEAD') === true ? OK.slice(0, -2) : OK);
    });
    await call(`${plane.url}/first`);
    if (paid) plane.gate.claim = claim;
    const answer = await call(`${plane.url}/second`, { method, headers: paid ? CREDENTIAL : {} });
    expect(answer.status).toBe(200);
    expect(asked).toEqual(['GET /first HTTP/1.1', `${method} /second HTTP/1.1`, `${method} /second HTTP/1.1`]);
    expect(claim.log).toEqual(paid ? ['capture'] : []);
  });

  it('is asked no third time', async () => {
    await start((socket, onConnection, overall) =>
      onConnection === 1 && overall <= 2 ? socket.write(OK) : socket.end(),
    );
    await Promise.all([call(`${plane.url}/a`), call(`${plane.url}/b`)]);
    plane.gate.claim = claim;
    const answer = await call(`${plane.url}/c`, { headers: CREDENTIAL });
    expect(answer.status).toBe(502);
    expect(answer.headers['x-payment-outcome']).toBe('released');
    expect(asked.slice(2)).toEqual(['GET /c HTTP/1.1', 'GET /c HTTP/1.1']);
    expect(claim.log).toEqual(['release']);
  });

  it.each([
    ['a POST', 'POST', ''],
    ['a GET with a body', 'GET', 'hi'],
    ['a DELETE', 'DELETE', ''],
  ])('is not asked once more for %s', async (_what, method, body) => {
    await start((socket, onConnection) => (onConnection === 1 ? socket.write(OK) : socket.end()));
    await call(`${plane.url}/first`);
    plane.gate.claim = claim;
    const headers = body === '' ? CREDENTIAL : { ...CREDENTIAL, 'content-length': String(body.length) };
    const answer = await call(`${plane.url}/second`, { method, headers, body });
    expect(answer.status).toBe(502);
    expect(asked.filter((line) => line.includes('/second'))).toHaveLength(1);
    expect(claim.log).toEqual(['release']);
  });
});

describe('an origin that breaks off', () => {
  it('on a new connection is not asked once more', async () => {
    await start((socket) => void socket.end());
    expect((await call(plane.url)).status).toBe(502);
    expect(asked).toHaveLength(1);
  });

  it('in an answer that has begun is not asked once more', async () => {
    await start((socket, onConnection) => {
      socket.write(onConnection === 1 ? OK : 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbegun');
      if (onConnection > 1) socket.end();
    });
    await call(plane.url);
    expect((await call(plane.url)).isComplete).toBe(false);
    expect(asked).toHaveLength(2);
  });

  it('by something that is no answer is not asked once more', async () => {
    await start((socket, onConnection) => void socket.write(onConnection === 1 ? OK : 'SSH-2.0-x\r\n\r\n'));
    await call(plane.url);
    expect((await call(plane.url)).status).toBe(502);
    expect(asked).toHaveLength(2);
  });
});

describe('an answer in another transfer coding than chunked', () => {
  it.each(['gzip, chunked', 'gzip', 'identity', 'chunked, chunked'])('(%s) is a 502, and free', async (coding) => {
    await start(
      (socket) => void socket.end(`HTTP/1.1 200 OK\r\nTransfer-Encoding: ${coding}\r\n\r\n2\r\nok\r\n0\r\n\r\n`),
    );
    plane.gate.claim = claim;
    const answer = await call(plane.url, { headers: CREDENTIAL });
    expect(answer.status).toBe(502);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'origin_broken' });
    expect(answer.headers['x-payment-outcome']).toBe('released');
    expect(claim.log).toEqual(['release']);
  });

  it.each(['chunked', 'Chunked '])('is not what %j is', async (coding) => {
    await start(
      (socket) => void socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: ${coding}\r\n\r\n2\r\nok\r\n0\r\n\r\n`),
    );
    expect(await call(plane.url)).toMatchObject({ status: 200, body: 'ok' });
  });
});

describe('an answer of more lines than a caller may look at', () => {
  it('has what we say of the money before them', async () => {
    await start(
      (socket) => void socket.write(`HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(1_500)}Content-Length: 2\r\n\r\nok`),
    );
    plane.gate.claim = claim;
    const answer = await call(plane.url, { headers: CREDENTIAL });
    expect(answer).toMatchObject({ status: 200, body: 'ok', headers: { 'x-payment-outcome': 'charged' } });
  });
});
