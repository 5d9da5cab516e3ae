import { afterEach, describe, expect, it } from 'vitest';
import { call, exchangeRaw } from '../support/http-call.js';
import { type Answerer, type Origin, startOrigin } from '../support/origin.js';
import { type Plane, type PlaneOptions, startPlane } from '../support/plane.js';
import { ScriptedClaim } from '../support/scripted-gate.js';

let origin: Origin;
let plane: Plane;
afterEach(async () => {
  await plane.close();
  await origin.close();
});

async function start(
  answer: Answerer = (_request, response) => response.end('ok'),
  options: Partial<PlaneOptions> = {},
) {
  origin = await startOrigin(answer);
  plane = await startPlane({ originUrl: origin.url, ...options });
}

const seenHeaders = (): Record<string, unknown> => ({ ...origin.seen[0]?.headers });

describe('what the origin sees', () => {
  it('is the request without what belongs to this hop, to the payment, or to the gateway', async () => {
    await start();
    await call(plane.url, {
      headers: {
        Authorization: `L402 AgEG:${'00'.repeat(32)}`,
        'Nostr-Authorization': 'Nostr abc',
        'Proxy-Authorization': 'Basic abc',
        Connection: 'keep-alive, X-Hop',
        'X-Hop': '1',
        'Keep-Alive': 'timeout=5',
        TE: 'trailers',
        'X-Payment-Hash': 'forged',
        'x-payment-sats': '1000000',
        'X-GATEWAY-Signature': 'forged',
        'X-Session-Token': 'secret',
        'X-Forwarded-Host': 'evil.example',
        'X-Real-IP': '203.0.113.9',
        Forwarded: 'for=203.0.113.9',
        'X-Request-Id': 'mine',
        'X-Custom': 'passes',
        Cookie: 'passes=too',
        'Idempotency-Key': 'passes-as-well',
      },
    });
    const headers = seenHeaders();
    expect(Object.keys(headers).sort()).toEqual([
      'connection',
      'cookie',
      'host',
      'idempotency-key',
      'x-custom',
      'x-forwarded-for',
      'x-forwarded-host',
      'x-forwarded-proto',
      'x-request-id',
    ]);
    expect(headers['x-custom']).toBe('passes');
    expect(headers['x-request-id']).not.toBe('mine');
  });

  it('holds nothing that a CGI or WSGI program would take for what only the gateway says', async () => {
    await start();
    const reserved = [
      'Payment-Hash',
      'Gateway-Signature',
      'Session-Token',
      'Forwarded-For',
      'Forwarded-Proto',
      'Real-IP',
    ];
    const spellings = reserved.flatMap((name) => [
      `X_${name.replaceAll('-', '_')}`,
      `x_${name}`,
      `X-${name.replaceAll('-', '_')}`,
      `X.${name}`,
    ]);
    const lines = ['Payment_Receipt', 'Content_Length', 'Proxy_Authorization', ...spellings].map(
      (name) => `${name}: forged`,
    );
    await exchangeRaw(
      plane.port,
      `GET / HTTP/1.1\r\nHost: shop\r\n${lines.join('\r\n')}\r\nx_custom: passes\r\nConnection: close\r\n\r\n`,
    );
    expect(origin.seen[0]?.rawHeaders).not.toContain('forged');
    expect(seenHeaders()['x_custom']).toBe('passes');
  });

  it('holds nothing that would have it do something else than what was priced', async () => {
    await start();
    const names = ['X-Original-URL', 'x-rewrite-url', 'X-HTTP-Method-Override', 'X-Method-Override', 'X_HTTP_METHOD'];
    await call(plane.url, { headers: Object.fromEntries(names.map((name) => [name, 'other'])) });
    expect(origin.seen[0]?.rawHeaders).not.toContain('other');
  });

  it('never holds a credential, in whatever spelling', async () => {
    await start();
    const lines = ['AUTHORIZATION: L402 secret:1', 'authorization: Bearer secret', 'aUtHoRiZaTiOn: LSAT secret:2'];
    await exchangeRaw(plane.port, `GET / HTTP/1.1\r\nHost: shop\r\n${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`);
    expect(JSON.stringify(origin.seen)).not.toContain('secret');
  });

  it('names the origin as Host, and the caller in X-Forwarded', async () => {
    await start();
    await call(plane.url, { headers: { host: 'shop.example', 'x-forwarded-for': '203.0.113.9' } });
    expect(seenHeaders()).toMatchObject({
      host: new URL(origin.url).host,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'shop.example',
      'x-forwarded-proto': 'http',
    });
    expect(plane.gate.facts?.callerAddress).toBe('127.0.0.1');
  });

  it('names the public address where there is one', async () => {
    await start(undefined, { publicUrl: 'https://shop.example' });
    await call(plane.url);
    expect(seenHeaders()).toMatchObject({ 'x-forwarded-host': 'shop.example', 'x-forwarded-proto': 'https' });
  });

  it('takes the caller from a trusted proxy, and nothing that the caller wrote before it', async () => {
    await start(undefined, { trustedProxies: ['127.0.0.0/8', '10.1.2.3'] });
    await call(plane.url, { headers: { 'x-forwarded-for': '198.51.100.1, 203.0.113.9, 10.1.2.3' } });
    expect(plane.gate.facts?.callerAddress).toBe('203.0.113.9');
    expect(seenHeaders()['x-forwarded-for']).toBe('198.51.100.1, 203.0.113.9, 10.1.2.3, 127.0.0.1');
  });

  it('is told what was paid, exactly', async () => {
    await start();
    plane.gate.claim = new ScriptedClaim();
    await call(plane.url, { headers: { 'x-payment-sats': '9999' } });
    expect(seenHeaders()).toMatchObject({
      'x-payment-hash': 'ab'.repeat(32),
      'x-payment-sats': '5.25',
      'x-payment-model': 'per_request',
    });
  });

  it('keeps repeated lines and their order', async () => {
    await start();
    await call(plane.url, { headers: { accept: ['text/html', 'text/plain'] } });
    expect(origin.seen[0]?.rawHeaders.filter((_, i, all) => all[i - 1]?.toLowerCase() === 'accept')).toEqual([
      'text/html',
      'text/plain',
    ]);
  });
});

describe('what the caller sees', () => {
  it('is the answer without what belongs to this hop or speaks of money', async () => {
    await start((_request, response) => {
      response.writeHead(401, [
        ['Connection', 'keep-alive, X-Hop'],
        ['X-Hop', '1'],
        ['X-Payment-Outcome', 'charged'],
        ['x-payment-anything', '1'],
        ['X-Session-Token', 'forged'],
        ['X-Session-Balance', '99'],
        ['X-Gateway-Signature', 'x'],
        ['Payment-Receipt', 'forged'],
        ['WWW-Authenticate', 'L402 macaroon="x", invoice="lnbc1"'],
        ['WWW-Authenticate', 'Basic realm="a", LSAT macaroon="x", invoice="lnbc1"'],
        ['WWW-Authenticate', 'Payment id="1"'],
        ['WWW-Authenticate', 'Basic realm="passes"'],
        ['Alt-Svc', 'h3=":443"'],
        ['X-Custom', 'passes'],
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
      ] as unknown as string[]);
      response.end();
    });
    const { headers, status } = await call(plane.url);
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toBe('Basic realm="passes"');
    expect(headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(headers['x-custom']).toBe('passes');
    for (const name of Object.keys(headers))
      expect(name).not.toMatch(/^(x-payment|x-session|x-gateway|payment-receipt|alt-svc|x-hop)/);
  });

  it('is nothing that could be taken for what the gateway says of money, with underscores', async () => {
    await start((_request, response) =>
      response
        .writeHead(200, {
          X_Payment_Outcome: 'forged',
          'x-session_token': 'forged',
          Payment_Receipt: 'forged',
          x_custom: 'passes',
          content_length: '77',
        })
        .end('ok'),
    );
    const answer = await call(plane.url);
    expect(answer).toMatchObject({ body: 'ok', isComplete: true, headers: { x_custom: 'passes' } });
    expect(answer.rawHeaders).not.toContain('forged');
  });

  it('is an upstream redirect as it came, which the gateway does not follow', async () => {
    await start((_request, response) => response.writeHead(302, { location: 'http://elsewhere.example/x' }).end());
    const answer = await call(plane.url);
    expect(answer).toMatchObject({ status: 302, headers: { location: 'http://elsewhere.example/x' } });
    expect(origin.seen).toHaveLength(1);
  });

  it('says not_charged where a credential came along to a free path', async () => {
    await start();
    expect((await call(plane.url)).headers['x-payment-outcome']).toBeUndefined();
    const answer = await call(plane.url, { headers: { authorization: `LSAT AgEG:${'00'.repeat(32)}` } });
    expect(answer.headers['x-payment-outcome']).toBe('not_charged');
  });
});
