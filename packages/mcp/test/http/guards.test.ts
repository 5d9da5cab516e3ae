import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createAddressLimiter } from '../../src/http/address-limiter.js';
import { countingFactory, GOOD_HEADERS, type HeaderList, INITIALIZE, send, serveHere, TOKEN } from './scene.js';

const withHeaders = (changes: HeaderList): HeaderList => ({ ...GOOD_HEADERS, ...changes });

const SECURITY = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

describe('the HTTP transport’s token', () => {
  it.each([
    ['no token', {}],
    ['an empty one', { authorization: 'Bearer ' }],
    ['another one', { authorization: `Bearer ${TOKEN}x` }],
    ['its beginning', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ['another scheme', { authorization: `Basic ${TOKEN}` }],
    ['two', { authorization: [`Bearer ${TOKEN}`, `Bearer ${TOKEN}x`] }],
  ])('is asked for on loopback too: %s', async (_, headers) => {
    const { factory, calls } = countingFactory();
    const { url } = await serveHere({ factory });
    const { authorization: _left, ...others } = GOOD_HEADERS;
    const answer = await send(url, { headers: { ...others, ...headers } });
    expect(answer).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="satway"', ...SECURITY },
    });
    expect(answer.text).not.toContain(TOKEN.slice(0, 8));
    expect(calls.made).toBe(0);
  });

  it('lets its bearer in, whatever the scheme’s case', async () => {
    const { url } = await serveHere();
    expect((await send(url)).status).toBe(200);
    expect((await send(url, { headers: withHeaders({ authorization: `bearer ${TOKEN}` }) })).status).toBe(200);
  });
});

describe('the HTTP transport’s names', () => {
  it.each(['localhost', '127.0.0.1', '[::1]', 'LOCALHOST:99', 'mcp.internal'])('are answered to: %s', async (host) => {
    const { url } = await serveHere({ allowedHosts: ['MCP.internal'] });
    expect((await send(url, { headers: withHeaders({ host }) })).status).toBe(200);
  });

  it.each([
    'rebound.example',
    '127.0.0.1.evil.example',
    'localhost.',
    '10.0.0.1',
    'localhost:x',
    '[::1',
    '127.0.0.1@evil.example',
  ])('are not: %j', async (host) => {
    const { url } = await serveHere();
    const answer = await send(url, { headers: withHeaders({ host }) });
    expect([400, 403]).toContain(answer.status);
  });

  it('are not two at once', async () => {
    const { url } = await serveHere();
    const { hostname, port, host } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.end(`GET /mcp HTTP/1.1\r\nHost: ${host}\r\nHost: evil.example\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
    const [head] = (await once(socket, 'data')) as [Buffer];
    expect(head.toString()).toMatch(/^HTTP\/1\.1 40[03] /);
  });

  it('are beyond loopback any address, and the names that were given', async () => {
    const { url } = await serveHere({ bindAddress: '0.0.0.0', allowedHosts: ['mcp.example'] });
    const here = url.replace('0.0.0.0', '127.0.0.1');
    for (const [host, status] of [
      ['192.0.2.7', 200],
      ['[2001:db8::7]:3402', 200],
      ['mcp.example', 200],
      ['other.example', 403],
    ] as const) {
      expect((await send(here, { headers: withHeaders({ host }) })).status, host).toBe(status);
    }
  });
});

describe('pages in a browser', () => {
  it.each(['https://evil.example', 'http://localhost:1', 'null', 'file://'])('of %s may not call', async (origin) => {
    const { factory, calls } = countingFactory();
    const { url } = await serveHere({ factory });
    const answer = await send(url, { headers: withHeaders({ origin }) });
    expect([answer.status, answer.headers['access-control-allow-origin'], calls.made]).toEqual([403, undefined, 0]);
    const preflight = { origin, 'access-control-request-method': 'POST' };
    expect((await send(url, { method: 'OPTIONS', headers: preflight })).status).toBe(403);
  });

  it('of the configured origin may call, after asking, with the token', async () => {
    const origin = 'https://app.example';
    const { url, warnings } = await serveHere({ corsOrigin: origin });
    const preflight = await send(url, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    expect(preflight).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': origin,
        'access-control-allow-headers': expect.stringContaining('authorization'),
      },
    });
    expect(preflight.headers['access-control-allow-credentials']).toBeUndefined();
    const answer = await send(url, { headers: withHeaders({ origin }) });
    expect(answer).toMatchObject({
      status: 200,
      headers: {
        'access-control-allow-origin': origin,
        vary: 'Origin',
        'access-control-expose-headers': expect.stringContaining('mcp-session-id'),
      },
    });
    expect((await send(url, { headers: { origin } })).status).toBe(401);
    expect((await send(url, { headers: withHeaders({ origin: 'https://app.example.evil' }) })).status).toBe(403);
    expect(warnings).toEqual([]);
  });

  it('of this very server may call, and are told nothing about others', async () => {
    const { url } = await serveHere();
    const answer = await send(url, { headers: withHeaders({ origin: new URL(url).origin }) });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('of two origins at once may not call', async () => {
    const origin = 'https://app.example';
    const { url } = await serveHere({ corsOrigin: origin });
    for (const both of [
      [origin, 'https://evil.example'],
      ['https://evil.example', origin],
    ]) {
      const { hostname, port, host } = new URL(url);
      const socket = connect(Number(port), hostname);
      const lines = both.map((each) => `Origin: ${each}\r\n`).join('');
      socket.end(
        `POST /mcp HTTP/1.1\r\nHost: ${host}\r\n${lines}Authorization: Bearer ${TOKEN}\r\nContent-Length: 0\r\n\r\n`,
      );
      const [head] = (await once(socket, 'data')) as [Buffer];
      expect(head.toString()).toMatch(/^HTTP\/1\.1 403 /);
    }
  });

  it('of every origin may call where somebody wants that, with a warning', async () => {
    const { url, warnings } = await serveHere({ corsOrigin: '*' });
    const answer = await send(url, { headers: withHeaders({ origin: 'https://any.example' }) });
    expect(answer).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': '*' } });
    expect(warnings).toEqual([expect.stringContaining('CORS_ORIGIN=*')]);
  });
});

describe('the limits of the HTTP transport', () => {
  it('let the hundredth request of a minute pass and not the next; a minute later all is as before', async () => {
    const clock = { nowMs: 1_000_000 };
    const { url } = await serveHere({ nowMs: () => clock.nowMs });
    for (let number = 1; number <= 100; number++) expect((await send(url, { method: 'PUT' })).status).toBe(405);
    const answer = await send(url);
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '60', ...SECURITY } });
    clock.nowMs += 60_000;
    expect((await send(url)).status).toBe(200);
  });

  it('bound those without the token as well, and these take nothing from its bearer', async () => {
    const { url } = await serveHere({ corsOrigin: 'https://app.example', limits: { requestsPerMinute: 4 } });
    const strangers: HeaderList[] = [
      withHeaders({ authorization: 'Bearer wrong' }),
      { host: 'evil.example' },
      { origin: 'https://evil.example' },
    ];
    const statuses: number[] = [];
    for (const headers of strangers) statuses.push((await send(url, { headers })).status);
    const preflight = { origin: 'https://app.example', 'access-control-request-method': 'POST' };
    statuses.push((await send(url, { method: 'OPTIONS', headers: preflight })).status);
    for (const headers of strangers) statuses.push((await send(url, { headers })).status);
    expect(statuses).toEqual([401, 403, 403, 204, 429, 429, 429]);
    for (const status of [200, 200, 200, 200, 429]) expect((await send(url)).status).toBe(status);
  });

  it('believe no header about who calls', async () => {
    const { url } = await serveHere({ limits: { requestsPerMinute: 2 } });
    const statuses: number[] = [];
    for (const number of [1, 2, 3]) {
      const headers = withHeaders({
        'x-forwarded-for': `192.0.2.${number}`,
        forwarded: `for=192.0.2.${number}`,
        'x-real-ip': `192.0.2.${number}`,
      });
      statuses.push((await send(url, { headers })).status);
    }
    expect(statuses).toEqual([200, 200, 429]);
  });

  it('answer 413 to a body of more than 100 KB, announced or not, without keeping it', async () => {
    const { factory, calls } = countingFactory();
    const { url } = await serveHere({ factory });
    const padding = ' '.repeat(100 * 1024 - INITIALIZE.length);
    expect((await send(url, { body: INITIALIZE + padding })).status).toBe(200);
    const announced = await send(url, { body: `${INITIALIZE}${padding} ` }).catch((error: Error) => error);
    expect(announced).toMatchObject({ status: 413, headers: SECURITY });
    const { hostname, port, host } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    const heads = [
      `POST /mcp HTTP/1.1`,
      `Host: ${host}`,
      `Authorization: Bearer ${TOKEN}`,
      'Content-Type: application/json',
    ];
    socket.write(`${heads.join('\r\n')}\r\nTransfer-Encoding: chunked\r\n\r\n`);
    // Never ends, and is answered all the same.
    for (let chunk = 0; chunk < 11; chunk++) socket.write(`2800\r\n${' '.repeat(10_240)}\r\n`);
    const [head] = (await once(socket, 'data')) as [Buffer];
    expect(head.toString()).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
    expect(calls.made).toBe(1);
  });

  it('let go of whoever does not finish a request', async () => {
    const { url } = await serveHere();
    const { hostname, port, host } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.on('data', () => undefined);
    socket.write(`POST /mcp HTTP/1.1\r\nHost: ${host}\r\nX-Slow: `);
    await once(socket, 'close');
  }, 60_000);

  it.each([
    ['POST', '/', 404],
    ['POST', '/mcp/', 404],
    ['POST', '/MCP', 404],
    ['PUT', '/mcp', 405],
    ['PATCH', '/mcp', 405],
    ['HEAD', '/mcp', 405],
  ])('answer %s %s with %i', async (method, path, status) => {
    const { url } = await serveHere();
    expect((await send(new URL(path, url).href, { method })).status).toBe(status);
  });

  it('take JSON and nothing else', async () => {
    const { url } = await serveHere();
    expect((await send(url, { headers: withHeaders({ 'content-type': 'text/plain' }) })).status).toBe(415);
    // Nothing else is read at all.
    expect((await send(url, { headers: withHeaders({ 'content-type': 'text/plain' }), body: '{' })).status).toBe(415);
    expect((await send(url, { body: '{' })).status).toBe(400);
  });

  it('give every answer the headers that keep it to whoever asked', async () => {
    const { url } = await serveHere();
    for (const answer of [
      await send(url),
      await send(`${url}x`),
      await send(url, { body: '{' }),
      await send(url, { body: '{}' }),
    ]) {
      expect(answer.headers).toMatchObject(SECURITY);
    }
  });
});

describe('the table of addresses', () => {
  const limiterAt = (clock: { nowMs: number }) =>
    createAddressLimiter({ perMinute: 1, maxAddresses: 10_000, nowMs: () => clock.nowMs });

  it('counts an IPv6 network as one, and an IPv4 address the same in both its forms', () => {
    const limiter = limiterAt({ nowMs: 0 });
    expect(limiter.waitSeconds('2001:db8:0:1::1')).toBe(0);
    expect(limiter.waitSeconds('2001:db8:0:1:ffff::2')).toBe(60);
    expect(limiter.waitSeconds('2001:0db8::2:0:0:0:1')).toBe(0);
    expect(limiter.waitSeconds('192.0.2.1')).toBe(0);
    expect(limiter.waitSeconds('::ffff:192.0.2.1')).toBe(60);
    expect(limiter.waitSeconds('::1')).toBe(0);
    expect(limiter.waitSeconds('fe80::1%eth0')).toBe(0);
    expect(limiter.waitSeconds('fe80::2%eth1')).toBe(60);
  });

  it('remembers ten thousand addresses: the one seen longest ago makes room', () => {
    const limiter = limiterAt({ nowMs: 0 });
    const addressOf = (number: number) => `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
    for (let number = 0; number < 10_000; number++) expect(limiter.waitSeconds(addressOf(number))).toBe(0);
    expect(limiter.waitSeconds(addressOf(0))).toBe(60);
    expect(limiter.waitSeconds('192.0.2.1')).toBe(0);
    // Number 0 was seen just now, so number 1 was the one that went.
    expect(limiter.waitSeconds(addressOf(0))).toBe(60);
    expect(limiter.waitSeconds(addressOf(1))).toBe(0);
  });

  it('lets no more pass in any minute, wherever it begins', () => {
    const clock = { nowMs: 0 };
    const limiter = createAddressLimiter({ perMinute: 100, maxAddresses: 10, nowMs: () => clock.nowMs });
    const passing = () => Array.from({ length: 150 }, () => limiter.waitSeconds('192.0.2.1')).filter((s) => s === 0);
    expect(limiter.waitSeconds('192.0.2.1')).toBe(0);
    clock.nowMs = 59_000;
    expect(passing()).toHaveLength(99);
    clock.nowMs = 61_000;
    expect(passing()).toHaveLength(1);
    clock.nowMs = 119_000;
    expect(passing()).toHaveLength(99);
  });

  it('says how long to wait', () => {
    const clock = { nowMs: 0 };
    const limiter = limiterAt(clock);
    limiter.waitSeconds('192.0.2.1');
    clock.nowMs = 59_500;
    expect(limiter.waitSeconds('192.0.2.1')).toBe(1);
    clock.nowMs = 60_000;
    expect(limiter.waitSeconds('192.0.2.1')).toBe(0);
  });
});

describe('what is doubtful at the start', () => {
  it('is told: an address beyond this machine, and checks of certificates that are off', async () => {
    const { warnings } = await serveHere({
      bindAddress: '0.0.0.0',
      environment: { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
    });
    expect(warnings).toEqual([
      expect.stringContaining('beyond this machine'),
      expect.stringContaining('NODE_TLS_REJECT_UNAUTHORIZED=0'),
    ]);
  });

  it('is nothing where it listens on loopback', async () => {
    expect((await serveHere()).warnings).toEqual([]);
  });

  it('stops it where the port is taken', async () => {
    const { url } = await serveHere();
    await expect(serveHere({ port: Number(new URL(url).port) })).rejects.toMatchObject({ code: 'MCP_LISTEN_FAILED' });
  });
});
