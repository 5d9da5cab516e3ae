import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readCall } from '../../src/call/index.js';

const limits = { maxBodyBytes: 1024, random: (count: number) => new Uint8Array(count).fill(7) };
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const ABC_SHA256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const bad = expect.objectContaining({ code: 'CALL_INVALID', fundsMoved: 'no' });

describe('a call', () => {
  it('is read from a string, a URL or a Request', async () => {
    const expected = {
      method: 'GET',
      url: 'https://api.example/a?b=1',
      origin: 'https://api.example',
      body: null,
      bodySha256Hex: EMPTY_SHA256,
    };
    expect(await readCall('https://api.example/a?b=1#part', undefined, limits)).toMatchObject(expected);
    expect(await readCall(new URL('https://api.example/a?b=1'), undefined, limits)).toMatchObject(expected);
    expect(await readCall(new Request('https://api.example/a?b=1'), {}, limits)).toMatchObject(expected);
  });

  it("keeps its body and the body's digest, also of a stream", async () => {
    const post = { method: 'POST', body: 'abc' };
    const fromText = await readCall('https://api.example/', post, limits);
    expect(fromText).toMatchObject({ method: 'POST', bodySha256Hex: ABC_SHA256 });
    expect(Buffer.from(fromText.body ?? []).toString()).toBe('abc');
    const stream = new Blob(['a', 'bc']).stream();
    expect(await readCall('https://api.example/', { method: 'POST', body: stream }, limits)).toMatchObject({
      bodySha256Hex: ABC_SHA256,
    });
    const request = new Request('https://api.example/', post);
    expect(await readCall(request, undefined, limits)).toMatchObject({ method: 'POST', bodySha256Hex: ABC_SHA256 });
  });

  it.each([
    ['a header', ['https://api.example/', { headers: { authorization: 'Bearer Zx9\nhunter2' } }]],
    ['a header in another script', ['https://api.example/', { headers: { authorization: 'Bearer hunter2\u4e2d' } }]],
    ['an address with a password', ['https://u:hunter2@api.example/', {}]],
    ['what is no address', ['hunter2', {}]],
  ] as const)('that cannot be made is refused without a word of it: %s', async (_what, [input, init]) => {
    const refusal: unknown = await readCall(input, init, limits).catch((error: unknown) => error);
    expect(refusal).toEqual(bad);
    expect(inspect(refusal, { depth: 9, showHidden: true })).not.toContain('hunter2');
  });

  it('gets a random key of 128 bits unless the caller gave one', async () => {
    expect(await readCall('https://api.example/', undefined, limits)).toMatchObject({
      idempotencyKey: '07'.repeat(16),
      keyGiven: false,
    });
    const given = { headers: { 'Idempotency-Key': 'mine' } };
    expect(await readCall('https://api.example/', given, limits)).toMatchObject({
      idempotencyKey: 'mine',
      keyGiven: true,
    });
  });

  it('drops headers by which a caller could frame the request anew', async () => {
    const headers = { 'transfer-encoding': 'chunked', connection: 'close', host: 'evil.example', 'x-ok': '1' };
    expect((await readCall('https://api.example/', { headers }, limits)).headers).toEqual([['x-ok', '1']]);
  });

  it('drops headers that carry a payment, and keeps those by which a caller says who they are', async () => {
    const headers = {
      'X-Payment': 'p',
      'Payment-Signature': 'p',
      'X-Session-Token': 's',
      'X-Cashu': 'c',
      Ecash: 'c',
      'X402-Payment': 'p',
      L402: 't',
      X_Payment: 'p',
    };
    const own = { authorization: 'Bearer mine', cookie: 'a=b', 'x-api-key': 'k', 'x-session-id': 'i' };
    const call = await readCall('https://api.example/', { headers: { ...headers, ...own } }, limits);
    expect(Object.fromEntries(call.headers)).toEqual(own);
  });

  it.each(['L402 mac:00', 'LSAT mac:00', 'Payment eyJ9', 'Bearer mine, L402 mac:00'])(
    'that brings a payment of its own is refused: %j',
    async (authorization) => {
      const refusal: unknown = await readCall('https://api.example/', { headers: { authorization } }, limits).catch(
        (error: unknown) => error,
      );
      expect(refusal).toEqual(bad);
      expect(inspect(refusal, { depth: 9, showHidden: true })).not.toMatch(/mac:00|eyJ9/);
    },
  );

  it.each([
    'ftp://api.example/',
    'file:///etc/passwd',
    '/relative',
    'https://user:pass@api.example/',
    'javascript:alert(1)',
    '',
  ])('is refused for the address %j', async (url) => {
    await expect(readCall(url, undefined, limits)).rejects.toThrow(bad);
  });

  it('is refused when its body is too large or breaks', async () => {
    const large = readCall('https://api.example/', { method: 'POST', body: 'x'.repeat(1025) }, limits);
    await expect(large).rejects.toThrow(expect.objectContaining({ code: 'CALL_BODY_TOO_LARGE' }));
    const broken = new ReadableStream({ start: (controller) => controller.error(new Error('disk')) });
    await expect(readCall('https://api.example/', { method: 'POST', body: broken }, limits)).rejects.toThrow(bad);
  });
});
