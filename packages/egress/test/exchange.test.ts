import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer, type Socket } from 'node:net';
import { SatwayError } from '@satway/base';
import { createEgress, type Egress, type ExchangeRequest } from '@satway/egress';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let egress: Egress;
const stops: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  egress = createEgress({ allowHosts: ['127.0.0.1', 'localhost', '[::1]'] });
});

afterEach(async () => {
  await egress.close();
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

async function listen(server: Server | TcpServer): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  stops.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return listen(server);
}

async function serveRaw(onSocket: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  stops.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return listen(server);
}

const get = (url: string, more: Partial<ExchangeRequest> = {}): ExchangeRequest => ({
  method: 'GET',
  url,
  deadlineMs: 10_000,
  maxBodyBytes: 1_000_000,
  ...more,
});

async function failureOf(promise: Promise<unknown>): Promise<SatwayError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SatwayError);
  return error as SatwayError;
}

describe('an exchange', () => {
  it('carries method, headers and body there, and status, headers and body back', async () => {
    const url = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.writeHead(201, ['X-One', 'a', 'X-One', 'b']);
        response.end(
          `${request.method} ${request.url} ${String(request.headers['x-sent'])} ${Buffer.concat(chunks).toString()}`,
        );
      });
    });
    const answer = await egress.exchange(
      get(`${url}/p?q=1`, { method: 'POST', body: 'hello', headers: { 'x-sent': 'yes' } }),
    );
    expect(answer.status).toBe(201);
    expect(answer.header('x-one')).toBe('a, b');
    expect(answer.header('absent')).toBeNull();
    expect(await answer.text()).toBe('POST /p?q=1 yes hello');
  });

  it('hands a redirect back instead of following it', async () => {
    const url = await serve((_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());
    const answer = await egress.exchange(get(url));
    expect(answer.status).toBe(302);
    expect(answer.header('location')).toBe('http://127.0.0.1:1/');
    answer.discard();
  });

  it('says that nothing was sent where no connection could be made', async () => {
    const closed = createTcpServer();
    const url = await listen(closed);
    closed.close();
    await once(closed, 'close');
    const error = await failureOf(egress.exchange(get(url)));
    expect(error).toMatchObject({
      code: 'EGRESS_UNREACHABLE',
      fundsMoved: 'no',
      facts: { requestMayHaveBeenSent: false },
    });
  });

  it('says that the request may have been sent where the peer hangs up without an answer', async () => {
    const url = await serveRaw((socket) => socket.once('data', () => socket.destroy()));
    const error = await failureOf(egress.exchange(get(url, { method: 'POST', body: 'pay' })));
    expect(error).toMatchObject({
      code: 'EGRESS_BROKEN',
      fundsMoved: 'unknown',
      facts: { requestMayHaveBeenSent: true },
    });
  });

  it('breaks when the body ends before its declared length', async () => {
    const url = await serveRaw((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort')),
    );
    const answer = await egress.exchange(get(url));
    expect(await failureOf(answer.bytes())).toMatchObject({ code: 'EGRESS_BROKEN' });
  });

  it('ends at its deadline when the peer never answers', async () => {
    const url = await serveRaw(() => undefined);
    const error = await failureOf(egress.exchange(get(url, { deadlineMs: 50 })));
    expect(error).toMatchObject({ code: 'EGRESS_TIMEOUT', facts: { requestMayHaveBeenSent: true } });
  });

  it('ends at its deadline when the body drips for ever', async () => {
    const url = await serve((_request, response) => {
      const drip = setInterval(() => response.write('.'), 5);
      response.on('close', () => clearInterval(drip));
    });
    const answer = await egress.exchange(get(url, { deadlineMs: 100 }));
    expect(await failureOf(answer.bytes())).toMatchObject({ code: 'EGRESS_TIMEOUT' });
  });

  it('stops reading at the size limit, a single line without end included', async () => {
    let sent = 0;
    const url = await serve((_request, response) => {
      const chunk = Buffer.alloc(64 * 1024, 0x61);
      const more = () => {
        let roomLeft = true;
        while (roomLeft && sent < 26_000_000) {
          roomLeft = response.write(chunk);
          sent += chunk.length;
        }
      };
      response.on('drain', more);
      more();
    });
    const answer = await egress.exchange(get(url, { maxBodyBytes: 100_000 }));
    expect(await failureOf(answer.bytes())).toMatchObject({ code: 'EGRESS_TOO_LARGE' });
    expect(sent).toBeLessThan(26_000_000);
  });

  it.each([
    ['a header', 'HTTP/1.1 200 OK\r\nx-long: '],
    ['a head', 'HTTP/1.1 200 OK\r\n', 'x-one-more: x\r\n'],
  ])('breaks where %s has no end, long before 26 MB were read', async (_what, start, filling = 'x') => {
    const chunk = Buffer.from(filling.repeat(Math.ceil((64 * 1024) / filling.length)));
    let sent = 0;
    const url = await serveRaw((socket) => {
      const more = (): void => {
        let roomLeft = true;
        while (roomLeft && sent < 26_000_000) {
          roomLeft = socket.write(chunk);
          sent += chunk.length;
        }
      };
      socket.once('data', () => {
        socket.write(start);
        socket.on('drain', more);
        more();
      });
    });
    expect(await failureOf(egress.exchange(get(url)))).toMatchObject({ code: 'EGRESS_BROKEN' });
    expect(sent).toBeLessThan(26_000_000);
  });

  it('ends at its deadline where a status line has no end; none of it is kept', async () => {
    const url = await serveRaw((socket) => {
      const more = (): void => {
        while (socket.write(Buffer.alloc(64 * 1024, 0x61)));
      };
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 ');
        socket.on('drain', more);
        more();
      });
    });
    const before = process.memoryUsage().rss;
    expect(await failureOf(egress.exchange(get(url, { deadlineMs: 1_000 })))).toMatchObject({ code: 'EGRESS_TIMEOUT' });
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1024 * 1024);
  });

  it('holds the peer back while nobody reads', async () => {
    let written = 0;
    const url = await serve((_request, response) => {
      const chunk = Buffer.alloc(64 * 1024);
      const more = () => {
        let roomLeft = true;
        while (roomLeft && written < 50_000_000) {
          roomLeft = response.write(chunk);
          written += chunk.length;
        }
        if (written >= 50_000_000) response.end();
      };
      response.on('drain', more);
      more();
    });
    const answer = await egress.exchange(get(url, { maxBodyBytes: 100_000_000 }));
    const reader = answer.body[Symbol.asyncIterator]();
    const first = await reader.next();
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toBeLessThan(50_000_000);
    let received = first.value?.length ?? 0;
    for (let next = await reader.next(); next.done !== true; next = await reader.next()) received += next.value.length;
    expect(received).toBe(written);
  });

  it('is given up when its signal aborts, before and after the head', async () => {
    const url = await serve((_request, response) => response.write('first'));
    const before = AbortSignal.abort();
    expect(await failureOf(egress.exchange(get(url, { signal: before })))).toMatchObject({
      code: 'EGRESS_ABORTED',
      facts: { requestMayHaveBeenSent: false },
    });
    const controller = new AbortController();
    const answer = await egress.exchange(get(url, { signal: controller.signal }));
    const body = failureOf(answer.bytes());
    controller.abort();
    expect(await body).toMatchObject({ code: 'EGRESS_ABORTED' });
  });

  it('never writes a request that was given up while it waited for its connection', async () => {
    let requests = 0;
    const url = await serve((_request, response) => {
      requests += 1;
      response.end();
    });
    await failureOf(egress.exchange(get(url, { signal: AbortSignal.abort() })));
    await (await egress.exchange(get(url))).bytes();
    expect(requests).toBe(1);
  });

  it('closes the connection when the reader leaves early', async () => {
    let closed: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const url = await serve((_request, response) => {
      response.on('close', closed);
      response.write('first');
    });
    const answer = await egress.exchange(get(url));
    for await (const chunk of answer.body) {
      expect(Buffer.from(chunk).toString()).toBe('first');
      break;
    }
    await gone;
  });

  it.each(['ftp://host/', 'not a url', 'http://user:pass@127.0.0.1/', 'file:///etc/passwd', ''])(
    'refuses %j and does not repeat it in the error',
    async (url) => {
      const error = await failureOf(egress.exchange(get(url)));
      expect(error.code).toBe('EGRESS_URL_INVALID');
      expect(JSON.stringify(error)).not.toContain('user:pass');
    },
  );
});
