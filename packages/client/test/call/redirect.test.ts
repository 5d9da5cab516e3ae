import { describe, expect, it } from 'vitest';
import type { Call } from '../../src/call/index.js';
import { headersFor, nextHop } from '../../src/call/redirect.js';
import { targetOf } from '../../src/call/index.js';

const call: Call = {
  ...targetOf('POST', 'https://api.example/v1/buy?x=1'),
  headers: [
    ['accept', 'text/plain'],
    ['authorization', 'Bearer of-the-caller'],
    ['content-type', 'application/json'],
    ['cookie', 'session=1'],
    ['x-api-key', 'k'],
    ['x-session-token', 't'],
    ['x-cashu', 'ecash'],
  ],
  body: Buffer.from('{}'),
  bodySha256Hex: '',
  idempotencyKey: 'key',
  keyGiven: false,
  redirect: 'follow',
};
const start = { target: call, withBody: true };
const refused = expect.objectContaining({ code: 'REDIRECT_REFUSED' });

describe('a redirect', () => {
  it.each([
    [303, 'GET', false],
    [302, 'GET', false],
    [301, 'GET', false],
    [307, 'POST', true],
    [308, 'POST', true],
  ])('of status %i within the origin goes on as %s', (status, method, withBody) => {
    expect(nextHop(call, start, status, '/v2')).toEqual({
      target: targetOf(method, 'https://api.example/v2'),
      withBody,
    });
  });

  it('keeps HEAD and PUT where the standard keeps them', () => {
    expect(
      nextHop({ ...call, method: 'HEAD' }, { target: { ...call, method: 'HEAD' }, withBody: false }, 303, '/v2')?.target
        .method,
    ).toBe('HEAD');
    expect(nextHop(call, { target: { ...call, method: 'PUT' }, withBody: true }, 302, '/v2')).toMatchObject({
      target: { method: 'PUT' },
      withBody: true,
    });
  });

  it.each([200, 201, 300, 304, 305, 402, 404])('is not seen in a %i', (status) => {
    expect(nextHop(call, start, status, '/v2')).toBeNull();
  });

  it('without a Location is an answer', () => {
    expect(nextHop(call, start, 302, null)).toBeNull();
  });

  it("is the caller's own with redirect: manual, and an error with redirect: error", () => {
    expect(nextHop({ ...call, redirect: 'manual' }, start, 302, '/v2')).toBeNull();
    expect(() => nextHop({ ...call, redirect: 'error' }, start, 302, '/v2')).toThrow(refused);
  });

  it.each([
    ['https to http', 302, 'http://api.example/v2'],
    ['a 307 body to another origin', 307, 'https://other.example/'],
    ['a 308 body to another port', 308, 'https://api.example:8443/'],
    ['something that is no web address', 302, 'file:///etc/passwd'],
    ['an address with a password', 302, 'https://user:secret@api.example/'],
    ['an address that cannot be read', 302, 'https://['],
  ])('is refused: %s', (_, status, location) => {
    expect(() => nextHop(call, start, status, location)).toThrow(refused);
  });

  it('may go to another origin without a body', () => {
    expect(nextHop(call, start, 303, 'https://cdn.example/file')).toEqual({
      target: targetOf('GET', 'https://cdn.example/file'),
      withBody: false,
      strayed: true,
    });
  });

  it('stays one of a stranger from the first foreign place on, the way back included', () => {
    const home = targetOf('GET', 'https://api.example/chosen');
    const abroad = { target: targetOf('GET', 'https://other.example/'), withBody: false, strayed: true };
    expect(nextHop(call, abroad, 302, home.url)).toEqual({ target: home, withBody: false, strayed: true });
    expect(nextHop(call, { target: home, withBody: false, strayed: true }, 302, '/next')).toMatchObject({
      strayed: true,
    });
  });
});

describe('the headers of a request', () => {
  it("are all the caller's at the caller's origin", () => {
    expect(headersFor(call, { target: call, withBody: true })).toEqual(call.headers);
  });

  it('say nothing of a body that does not go along', () => {
    expect(headersFor(call, { target: call, withBody: false }).map(([name]) => name)).not.toContain('content-type');
  });

  it('carry nothing that says who asks or what was paid to another origin', () => {
    const elsewhere = targetOf('GET', 'https://other.example/');
    expect(headersFor(call, { target: elsewhere, withBody: false })).toEqual([['accept', 'text/plain']]);
  });

  it('carry nothing secret to a place at home that another origin chose', () => {
    expect(headersFor(call, { target: call, withBody: true, strayed: true })).toEqual([['accept', 'text/plain']]);
  });
});
