import { createHash, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { createEgress } from '@satway/egress';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeHandedToken } from '../../src/delegation/handed-token.js';
import { type ClientEvent, type Clock, delegate, fetchWithCredential } from '../../src/index.js';
import { openGate } from '../support/gate.js';
import { ALL_CAVEATS, type Handler, mintToken, paidHash, type SeenRequest, startServer } from '../support/seller.js';

/** A credential for a seller, and what it looks like on the wire. */
function credentialFor(origin: string, { uses = 1, expiresAtMs = Date.now() + 3_600_000 } = {}) {
  const preimageHex = randomBytes(32).toString('hex');
  const paymentHashHex = createHash('sha256').update(Buffer.from(preimageHex, 'hex')).digest('hex');
  const macaroonText = mintToken({ paymentHashHex, uses, expiresAtMs });
  const token = writeHandedToken({ origin, macaroonText, preimageHex, announcedCaveats: ALL_CAVEATS });
  return { token, paymentHashHex, preimageHex, header: `L402 ${macaroonText}:${preimageHex}` };
}

const charged: Handler = (_, response) => answer(response, 200, { 'x-payment-outcome': 'charged' });

function answer(response: ServerResponse, status: number, headers: Record<string, string>, body = 'the answer'): void {
  response.writeHead(status, headers).end(body);
}

/** Waits for nothing, and remembers for how long it was to wait. */
function hurriedClock(): Clock & { readonly waits: number[] } {
  const waits: number[] = [];
  return { waits, nowMs: Date.now, sleep: async (waitMs) => void waits.push(waitMs) };
}

async function setTheScene(handler: Handler = charged, options: Parameters<typeof credentialFor>[1] = {}) {
  const server = await startServer(handler);
  return { server, ...credentialFor(server.url, options) };
}

const keysOf = (seen: readonly SeenRequest[]) => new Set(seen.map(({ headers }) => headers['idempotency-key']));

describe('a call with a handed-over credential', () => {
  it('shows the credential to its seller, and says what became of the use', async () => {
    const { server, token, header, paymentHashHex } = await setTheScene();
    const result = await fetchWithCredential(`${server.url}/v1/search?q=1`, token, { headers: { 'x-mine': 'yes' } });
    expect(result).toEqual({
      ok: true,
      response: expect.any(Response),
      use: { paymentHashHex, outcome: 'charged', code: null, idempotencyKey: expect.stringMatching(/^[0-9a-f]{32}$/) },
    });
    expect(result.ok && (await result.response.text())).toBe('the answer');
    expect(result.ok && result.response.url).toBe(`${server.url}/v1/search?q=1`);
    expect(server.seen).toMatchObject([
      { method: 'GET', url: '/v1/search?q=1', headers: { authorization: header, 'x-mine': 'yes' } },
    ]);
    expect(server.seen[0]?.headers['idempotency-key']).toBe(result.use?.idempotencyKey);
  });

  it('says what became of the use in words of the wire format alone', async () => {
    const { server, token } = await setTheScene((request, response) => {
      const sent = String(request.headers.authorization);
      answer(response, 200, { 'x-payment-outcome': sent, 'x-payment-code': sent.slice(-64) });
    });
    expect(await fetchWithCredential(server.url, token)).toMatchObject({
      ok: true,
      use: { outcome: 'other', code: null },
    });
    const plain = await setTheScene((_, response) =>
      answer(response, 502, { 'x-payment-outcome': 'released', 'x-payment-code': 'replay_unavailable' }),
    );
    expect(await fetchWithCredential(plain.server.url, plain.token)).toMatchObject({
      use: { outcome: 'released', code: 'replay_unavailable' },
    });
  });

  it('sends a body, and the key that the caller chose', async () => {
    const { server, token } = await setTheScene();
    const init = {
      method: 'POST',
      body: 'question',
      headers: { 'idempotency-key': 'mine', authorization: 'Bearer x' },
    };
    expect(await fetchWithCredential(server.url, token, init)).toMatchObject({
      ok: true,
      use: { idempotencyKey: 'mine' },
    });
    const [seen] = server.seen;
    expect(seen).toMatchObject({ method: 'POST', body: 'question', headers: { 'idempotency-key': 'mine' } });
    expect(seen === undefined ? null : paidHash(seen)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('takes a 402 for what it is, a refusal, and pays nothing', async () => {
    const { server, token, paymentHashHex } = await setTheScene((_, response) =>
      answer(response, 402, {
        'www-authenticate': 'L402 macaroon="abc", invoice="lnbcrt1"',
        'x-payment-outcome': 'not_charged',
      }),
    );
    expect(await fetchWithCredential(server.url, token)).toMatchObject({
      ok: false,
      code: 'HANDED_CREDENTIAL_REFUSED',
      fundsMoved: 'no',
      nextStep: expect.stringContaining('Ask whoever handed it over'),
      use: { paymentHashHex, outcome: 'not_charged' },
    });
    expect(server.seen).toHaveLength(1);
  });

  it('passes on what an origin refuses by itself, and takes the 401 of others for a refusal', async () => {
    const own = await setTheScene((_, response) => answer(response, 401, { 'x-payment-outcome': 'charged' }));
    expect(await fetchWithCredential(own.server.url, own.token)).toMatchObject({ ok: true, response: { status: 401 } });
    const foreign = await setTheScene((_, response) => answer(response, 401, {}));
    expect(await fetchWithCredential(foreign.server.url, foreign.token)).toMatchObject({
      ok: false,
      code: 'HANDED_CREDENTIAL_REFUSED',
    });
  });

  const elsewhere: [string, (origin: URL) => string][] = [
    ['another host', ({ port }) => `http://localhost:${port}/`],
    ['another port', ({ port }) => `http://127.0.0.1:${Number(port) - 1}/`],
    ['another scheme', ({ host }) => `https://${host}/`],
    ['a name with a dot at its end', ({ port }) => `http://localhost.:${port}/`],
    ['a host called __proto__', ({ port }) => `http://__proto__:${port}/`],
    ['a host called constructor', ({ port }) => `http://constructor:${port}/`],
    ['its own host as a name under another', ({ port }) => `http://127.0.0.1.evil.example:${port}/`],
    ['its own host behind a fragment', ({ host }) => `http://evil.example/#@${host}/`],
    ['its own host behind a backslash', ({ host }) => `http://evil.example\\@${host}/`],
    ['its own host in the query', ({ host }) => `http://evil.example/?@${host}/`],
  ];

  it.each(elsewhere)('never leaves for %s', async (_, urlOf) => {
    const { server, token } = await setTheScene();
    const asked: string[] = [];
    const egress = {
      exchange: async ({ url }: { url: string }) => {
        asked.push(url);
        throw new Error('nothing may go out');
      },
    };
    const result = await fetchWithCredential(urlOf(new URL(server.url)), token, {}, { egress });
    expect(result).toMatchObject({ ok: false, code: 'CREDENTIAL_OTHER_ORIGIN', fundsMoved: 'no', use: null });
    expect(asked).toEqual([]);
    expect(server.seen).toEqual([]);
  });

  it('knows its own origin in every spelling of it', async () => {
    const server = await startServer(charged);
    const { port } = new URL(server.url);
    const { token, header } = credentialFor(`http://localhost:${port}`);
    for (const url of [`HTTP://LOCALHOST:${port}/`, `http://localhost:0${port}/`, `http://local%68ost:${port}/`]) {
      expect(await fetchWithCredential(url, token)).toMatchObject({ ok: true });
    }
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([header, header, header]);
  });

  it('lets a token be turned to no other origin', async () => {
    const { server, token } = await setTheScene();
    const stranger = await startServer(charged);
    const [head = '', tail] = token.split('.');
    const part = Buffer.from(head.slice('satway_credential_v1_'.length), 'base64url').toString();
    const turned = Buffer.from(part.replace(server.url, stranger.url)).toString('base64url');
    const swapped = `satway_credential_v1_${turned}.${tail}`;
    expect(await fetchWithCredential(stranger.url, swapped)).toMatchObject({ code: 'CREDENTIAL_TOKEN_INVALID' });
    expect(stranger.seen).toEqual([]);
  });

  it.each([301, 302, 303, 307, 308])(
    'does not take the credential along on a redirect to a stranger (%s)',
    async (status) => {
      const stranger = await startServer((_, response) => response.end('elsewhere'));
      const { server, token, preimageHex } = await setTheScene((_, response) =>
        answer(response, status, { location: stranger.url, 'x-payment-outcome': 'charged' }),
      );
      const init = { headers: { cookie: 'mine', 'x-api-key': 'mine', 'idempotency-key': 'mine' } };
      const result = await fetchWithCredential(server.url, token, init);
      expect(result.ok && (await result.response.text())).toBe('elsewhere');
      expect(JSON.stringify(stranger.seen)).not.toContain(preimageHex);
      expect(JSON.stringify(stranger.seen)).not.toContain('mine');
      expect(stranger.seen[0]?.headers).not.toHaveProperty('authorization');
    },
  );

  it('does not bring the credential back from a stranger to its seller', async () => {
    const { server, token } = await setTheScene((request, response) =>
      request.url === '/'
        ? answer(response, 302, { location: `${stranger.url}/`, 'x-payment-outcome': 'charged' })
        : answer(response, 200, {}),
    );
    const stranger = await startServer((_, response) => answer(response, 302, { location: `${server.url}/stolen` }));
    await fetchWithCredential(server.url, token);
    expect(server.seen.map(({ url, headers }) => [url, headers.authorization === undefined])).toEqual([
      ['/', false],
      ['/stolen', true],
    ]);
  });

  it('shows a counted credential once, also where its own seller redirects', async () => {
    const { server, token } = await setTheScene((request, response) =>
      request.url === '/'
        ? answer(response, 302, { location: '/next', 'x-payment-outcome': 'charged' })
        : answer(response, 200, {}),
    );
    await fetchWithCredential(server.url, token);
    expect(server.seen.map(({ headers }) => headers.authorization === undefined)).toEqual([false, true]);
  });

  it('says that a use is gone where a redirect leads nowhere good', async () => {
    const { server, token } = await setTheScene((_, response) =>
      answer(response, 302, { location: 'ftp://elsewhere.example', 'x-payment-outcome': 'charged' }),
    );
    expect(await fetchWithCredential(server.url, token)).toMatchObject({
      ok: false,
      code: 'REDIRECT_REFUSED',
      fundsMoved: 'yes',
    });
  });

  it('repeats for free what the seller says to be free, under one key', async () => {
    let count = 0;
    const { server, token } = await setTheScene((_, response) => {
      count += 1;
      if (count === 1) return answer(response, 409, { 'retry-after': '2', 'x-payment-outcome': 'not_charged' });
      const failed = { 'x-payment-outcome': 'released', 'x-payment-code': 'upstream_failed_retryable' };
      return count === 2 ? answer(response, 502, failed) : answer(response, 200, { 'x-payment-outcome': 'charged' });
    });
    const clock = hurriedClock();
    const result = await fetchWithCredential(server.url, token, { method: 'POST', body: 'once' }, { clock });
    expect(result).toMatchObject({ ok: true, response: { status: 200 }, use: { outcome: 'charged' } });
    expect(clock.waits).toEqual([2000, 500]);
    expect(server.seen.map(({ body }) => body)).toEqual(['once', 'once', 'once']);
    expect(keysOf(server.seen).size).toBe(1);
  });

  it('gives up free repeats after a while, and hands the answer over with what it says of the use', async () => {
    const failed = { 'x-payment-outcome': 'released', 'x-payment-code': 'upstream_failed_retryable' };
    const { server, token } = await setTheScene((_, response) => answer(response, 502, failed));
    const options = { clock: hurriedClock(), maxFreeRetries: 2 };
    expect(await fetchWithCredential(server.url, token, {}, options)).toMatchObject({
      ok: true,
      response: { status: 502 },
      use: { outcome: 'released', code: 'upstream_failed_retryable' },
    });
    expect(server.seen).toHaveLength(3);
  });

  it('says so where a use is still being decided', async () => {
    const { server, token } = await setTheScene((_, response) => answer(response, 409, { 'retry-after': '3600' }));
    expect(await fetchWithCredential(server.url, token)).toMatchObject({
      ok: false,
      code: 'CLAIM_STILL_RUNNING',
      fundsMoved: 'unknown',
    });
    expect(server.seen).toHaveLength(1);
  });

  it('knows of nothing that was sent and not answered, and names the key by which it can be asked for again', async () => {
    const { server, token } = await setTheScene((_, response) => response.destroy());
    const result = await fetchWithCredential(server.url, token, { method: 'POST' });
    expect(result).toMatchObject({ ok: false, code: 'ANSWER_LOST', fundsMoved: 'unknown' });
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]?.headers['idempotency-key']).toBe(result.use?.idempotencyKey);
  });

  it('took no use where no connection was made', async () => {
    const { token } = credentialFor('http://127.0.0.1:1');
    expect(await fetchWithCredential('http://127.0.0.1:1/', token)).toMatchObject({
      ok: false,
      code: 'EGRESS_UNREACHABLE',
      fundsMoved: 'no',
      use: null,
    });
  });

  it('keeps to the address policy of the process', async () => {
    const { token } = credentialFor('http://127.0.0.2:1');
    const url = 'http://127.0.0.2:1/';
    expect(await fetchWithCredential(url, token)).toMatchObject({ ok: false, code: 'EGRESS_ADDRESS_REFUSED' });
    expect(await fetchWithCredential(url, token, {}, { allowHosts: ['127.0.0.2:1'] })).toMatchObject({
      code: 'EGRESS_UNREACHABLE',
    });
    expect(await fetchWithCredential(url, token, {}, { allowHosts: ['http://x'] })).toMatchObject({
      code: 'EGRESS_HOSTS_INVALID',
    });
  });

  it('follows its seller to no private address', async () => {
    const { server, token, paymentHashHex } = await setTheScene((_, response) =>
      answer(response, 302, { location: 'http://127.0.0.2:1/metadata', 'x-payment-outcome': 'charged' }),
    );
    expect(await fetchWithCredential(server.url, token)).toMatchObject({
      ok: false,
      code: 'EGRESS_ADDRESS_REFUSED',
      fundsMoved: 'yes',
      use: { paymentHashHex, outcome: 'charged' },
    });
  });

  it('sends nothing that is over, for another method, or for another path', async () => {
    const { server, token } = await setTheScene(charged, { uses: 5 });
    const narrowed = delegate(token, { method: 'GET', pathPrefix: '/v1/search', validForMs: 60_000, uses: 2 });
    const child = narrowed.ok ? narrowed.token : '';
    const refused = (code: string, detail = '') => ({
      ok: false,
      code,
      message: expect.stringContaining(detail),
      use: null,
    });
    const call = (path: string, init: RequestInit = {}) => fetchWithCredential(`${server.url}${path}`, child, init);
    expect(await call('/v1/search', { method: 'POST' })).toMatchObject(refused('CREDENTIAL_NOT_FOR_THIS', 'GET only'));
    for (const path of ['/', '/v1', '/v1/searchx', '/V1/search', '/v1/search/../other', '/v2/v1/search']) {
      expect(await call(path)).toMatchObject(refused('CREDENTIAL_NOT_FOR_THIS', 'under /v1/search only'));
    }
    const late = { clock: { ...hurriedClock(), nowMs: () => Date.now() + 60_001 } };
    expect(await fetchWithCredential(`${server.url}/v1/search`, child, {}, late)).toMatchObject(
      refused('CREDENTIAL_EXPIRED'),
    );
    expect(server.seen).toEqual([]);
    expect(await call('/v1/search?deep')).toMatchObject({ ok: true });
    expect(await call('/v1/search/deep')).toMatchObject({ ok: true });
  });

  it.each(['', 'L402 abc:def', 'satway_credential_v1_abc.0123456789abcdef', undefined, null])(
    'is refused without a token that can be read (%s)',
    async (token) => {
      const { server } = await setTheScene();
      expect(await fetchWithCredential(server.url, token as string)).toMatchObject({
        ok: false,
        code: 'CREDENTIAL_TOKEN_INVALID',
        use: null,
      });
      expect(server.seen).toEqual([]);
    },
  );

  it('refuses what is no call, as a value', async () => {
    const { server, token } = await setTheScene();
    expect(await fetchWithCredential('not a url', token)).toMatchObject({ ok: false, code: 'CALL_INVALID' });
    expect(await fetchWithCredential(server.url, token, {}, { maxFreeRetries: -1 })).toMatchObject({
      code: 'CLIENT_OPTIONS_INVALID',
    });
    const large = { method: 'POST', body: 'x'.repeat(100) };
    expect(await fetchWithCredential(server.url, token, large, { maxRequestBodyBytes: 99 })).toMatchObject({
      code: 'CALL_BODY_TOO_LARGE',
    });
  });

  it('hands a stream over as it comes, and breaks off when the caller leaves', async () => {
    const events = openGate<ServerResponse>();
    const closed = openGate<void>();
    const { server, token } = await setTheScene((_, response) => {
      response.on('close', () => closed.resolve());
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-payment-outcome': 'charged' });
      response.write('data: 1\n\n');
      events.resolve(response);
    });
    const leaving = new AbortController();
    const result = await fetchWithCredential(server.url, token, { signal: leaving.signal });
    const reader = result.ok ? result.response.body?.getReader() : undefined;
    const read = async () => Buffer.from((await reader?.read())?.value ?? []).toString();
    expect(await read()).toBe('data: 1\n\n');
    (await events.promise).write('data: 2\n\n');
    expect(await read()).toBe('data: 2\n\n');
    leaving.abort('enough');
    await expect(reader?.read()).rejects.toMatchObject({ code: 'EGRESS_ABORTED' });
    await closed.promise;
  });

  it('ends when the caller leaves before there is an answer, and says that nobody knows', async () => {
    const arrived = openGate<void>();
    const { server, token } = await setTheScene(() => arrived.resolve());
    const leaving = new AbortController();
    const pending = fetchWithCredential(new Request(server.url, { signal: leaving.signal }), token);
    await arrived.promise;
    leaving.abort('enough');
    expect(await pending).toMatchObject({ ok: false, code: 'CALL_ABORTED', fundsMoved: 'unknown' });
    expect(await fetchWithCredential(server.url, token, { signal: AbortSignal.abort() })).toMatchObject({
      code: 'CALL_ABORTED',
      fundsMoved: 'no',
      use: null,
    });
    expect(server.seen).toHaveLength(1);
  });

  it('ends when the caller leaves on the way of a redirect', async () => {
    const arrived = openGate<void>();
    const { server, token } = await setTheScene((request, response) =>
      request.url === '/'
        ? answer(response, 302, { location: '/slow', 'x-payment-outcome': 'charged' })
        : arrived.resolve(),
    );
    const leaving = new AbortController();
    const pending = fetchWithCredential(server.url, token, { signal: leaving.signal });
    await arrived.promise;
    leaving.abort('enough');
    expect(await pending).toMatchObject({ code: 'CALL_ABORTED', fundsMoved: 'yes', use: { outcome: 'charged' } });
  });

  it('ends when the caller leaves between two free repeats', async () => {
    const failed = { 'x-payment-outcome': 'released', 'x-payment-code': 'upstream_failed_retryable' };
    const { server, token } = await setTheScene((_, response) => answer(response, 502, failed));
    const leaving = new AbortController();
    const clock = { nowMs: Date.now, sleep: async () => leaving.abort('enough') };
    const result = await fetchWithCredential(server.url, token, { signal: leaving.signal }, { clock });
    expect(result).toMatchObject({ ok: false, code: 'CALL_ABORTED', fundsMoved: 'no', use: { outcome: 'released' } });
    expect(server.seen).toHaveLength(1);
  });

  it("goes through a door of the caller's own, which stays open", async () => {
    const { server, token } = await setTheScene(charged, { uses: 2 });
    const egress = createEgress({ allowHosts: ['127.0.0.1'] });
    onTestFinished(() => egress.close());
    for (const body of ['the answer', 'the answer']) {
      const result = await fetchWithCredential(server.url, token, {}, { egress });
      expect(result.ok && (await result.response.text())).toBe(body);
    }
  });

  it('holds the limits that it is given', async () => {
    const { server, token } = await setTheScene((_, response) => answer(response, 200, {}, 'x'.repeat(2000)));
    const result = await fetchWithCredential(server.url, token, {}, { maxResponseBytes: 1000 });
    await expect(result.ok ? result.response.text() : 'refused').rejects.toMatchObject({ code: 'EGRESS_TOO_LARGE' });
  });

  it('tells and shows nothing of the secret', async () => {
    const events: ClientEvent[] = [];
    const { server, token, preimageHex, paymentHashHex } = await setTheScene((_, response) => response.destroy());
    const onEvent = (event: ClientEvent) => {
      events.push(event);
      throw new Error('a broken listener is the problem of the listener');
    };
    const results = [
      await fetchWithCredential(server.url, token, {}, { onEvent }),
      await fetchWithCredential('http://elsewhere.example', token, {}, { onEvent }),
      await fetchWithCredential(server.url, `${token}x`, {}, { onEvent }),
    ];
    expect(events).toMatchObject([{ type: 'redeeming', paymentHashHex, source: 'handed' }]);
    const shown = inspect({ events, results }, { depth: 20 }) + JSON.stringify({ events, results });
    expect(shown).not.toContain(preimageHex);
    expect(shown).not.toContain(token.slice(40, 80));
  });

  it('shows the token of a session to nobody', async () => {
    const { server, token } = await setTheScene((_, response) =>
      answer(response, 200, { 'x-session-token': 'secret.session', 'x-session-balance': '9' }),
    );
    const result = await fetchWithCredential(server.url, token);
    expect(result.ok && [...result.response.headers]).toContainEqual(['x-session-balance', '9']);
    expect(result.ok && result.response.headers.get('x-session-token')).toBeNull();
  });
});
