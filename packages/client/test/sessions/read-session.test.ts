import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSession } from '../../src/sessions/read-session.js';

const read = (headers: Readonly<Record<string, string>>) =>
  readSession({ header: (name) => headers[name.toLowerCase()] ?? null });

// The token of the wire format's vectors.
const TOKEN =
  'eyJraWQiOiJlZjU4Nzc1ZiIsInNpZCI6IjVkMWYwYzJiLTNhNDktNDg1Ny05NjY1LTc0ODM5MmExYjBjZiIsInRlbmFudCI6IjZmMWMyZDM0LTVlNmYtNGE3Yi04YzlkLTBlMWYyYTNiNGM1ZCIsImVuZHBvaW50IjoiZm9yZWNhc3QiLCJleHAiOjE3OTUyNjM2MDAwMDB9.e19108025385b2475df07e658b8cd30aac22bde7009e82ea109f28c19c35bd0a';

describe('what an answer says of its session', () => {
  it('is token, end and balance', () => {
    const headers = {
      'x-session-token': TOKEN,
      'x-session-expires': '2026-11-21T20:00:00.000Z',
      'x-session-balance': '42',
    };
    expect(read(headers)).toEqual({ token: TOKEN, expiresAtMs: 1_795_291_200_000, balance: 42 });
  });

  it('may be in part', () => {
    expect(read({})).toEqual({ token: null, expiresAtMs: null, balance: null });
    expect(read({ 'x-session-balance': '0' })).toEqual({ token: null, expiresAtMs: null, balance: 0 });
  });

  it.each([
    ['x-session-token', ''],
    ['x-session-token', 'two words'],
    ['x-session-token', 'one, two'],
    ['x-session-token', 'x'.repeat(2049)],
    ['x-session-token', 'ünicode'],
    ['x-session-expires', 'tomorrow'],
    ['x-session-expires', '2026-11-21'],
    ['x-session-expires', '2026-11-21T20:00:00'],
    ['x-session-expires', '2026-13-41T20:00:00Z'],
    ['x-session-expires', '1795291200000'],
    ['x-session-expires', '2026-11-21T20:00:00Z, 2027-11-21T20:00:00Z'],
    ['x-session-balance', '-1'],
    ['x-session-balance', '1.5'],
    ['x-session-balance', '1e9'],
    ['x-session-balance', '1, 2'],
    ['x-session-balance', '9'.repeat(16)],
  ])('is nothing where %s is %j', (name, value) => {
    expect(read({ [name]: value })).toEqual({ token: null, expiresAtMs: null, balance: null });
  });

  it('is read from any text without an error, into what can be kept', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (token, expires, balance) => {
        const told = read({ 'x-session-token': token, 'x-session-expires': expires, 'x-session-balance': balance });
        for (const number of [told.expiresAtMs, told.balance]) {
          expect(number === null || Number.isSafeInteger(number)).toBe(true);
        }
      }),
    );
  });
});
