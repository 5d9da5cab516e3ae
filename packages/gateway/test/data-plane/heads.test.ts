import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSats } from '../../src/data-plane/origin-request.js';
import { readRequestHead } from '../../src/data-plane/request-head.js';
import { readResponseHead } from '../../src/data-plane/response-head.js';

/** Names of all kinds, those that must not pass among them, in any case. */
const NAMES = [
  'Authorization',
  'Nostr-Authorization',
  'Proxy-Authorization',
  'X-Payment-Hash',
  'X-Payment-',
  'X-Gateway-Nonce',
  'X-Session-Token',
  'Payment-Receipt',
  'Connection',
  'Transfer-Encoding',
  'Content-Length',
  'Host',
  'Upgrade',
  'TE',
  'Trailer',
  'X-Custom',
  'Accept',
];
const NEVER_FORWARDED =
  /^(authorization|nostr[-_.]authorization|proxy[-_.].*|x[-_.](payment|gateway|session)[-_.].*|payment[-_.]receipt|connection|transfer[-_.]encoding|host|upgrade|te|trailer|x-hop)$/i;
const NEVER_RETURNED =
  /^(x[-_.](payment|gateway|session)[-_.].*|payment[-_.]receipt|connection|transfer[-_.]encoding|upgrade|te|trailer|x-hop)$/i;

const anyCase = (name: string): fc.Arbitrary<string> =>
  fc
    .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
    .map((upper) => [...name].map((char, i) => (upper[i] === true ? char.toUpperCase() : char.toLowerCase())).join(''));
const anySeparator = (text: string): fc.Arbitrary<string> =>
  fc.constantFrom('-', '_', '.').map((separator) => text.replaceAll('-', separator));
const name = fc.oneof(
  fc
    .constantFrom(...NAMES, 'X-Hop')
    .chain(anyCase)
    .chain(anySeparator),
  fc.stringMatching(/^[A-Za-z0-9-]{1,12}$/),
);
const value = fc.oneof(fc.string(), fc.constantFrom('close', 'X-Hop', 'keep-alive, x-hop', '5', 'chunked', 'L402 a:b'));
const lines = fc.array(fc.tuple(name, value), { maxLength: 20 }).map((pairs) => pairs.flat());

const namesOf = (pairs: readonly string[]): string[] => pairs.filter((_, i) => i % 2 === 0);

describe('the head of a request', () => {
  it('whatever it holds, never passes what belongs to this hop, to the payment or to the gateway', () => {
    fc.assert(
      fc.property(lines, (raw) => {
        const head = readRequestHead([...raw, 'Connection', 'x-hop']);
        for (const passed of namesOf(head.forwarded)) expect(passed).not.toMatch(NEVER_FORWARDED);
        expect(head.forwarded.length % 2).toBe(0);
      }),
    );
  });

  it('has a flaw wherever its length could be read in two ways', () => {
    const length = fc.oneof(
      fc.string(),
      fc.integer().map(String),
      fc.constantFrom('0x5', '5, 5', '+5', ' 5', '5e1', ''),
    );
    fc.assert(
      fc.property(fc.array(length, { minLength: 1, maxLength: 3 }), (lengths) => {
        const head = readRequestHead(lengths.flatMap((text) => ['Content-Length', text]));
        const isPlain = lengths.length === 1 && /^\d{1,15}$/.test(lengths[0] ?? '');
        expect(head.flaw === null).toBe(isPlain);
      }),
    );
  });

  it.each([
    ['L402 a:b', true],
    ['lsat a:b', true],
    ['Payment abc', true],
    ['L402', true],
    ['Bearer abc', false],
    ['L402x a:b', false],
    ['', false],
  ])('carries a payment credential or not: %s', (authorization, isOne) => {
    expect(readRequestHead(['Authorization', authorization]).hasCredential).toBe(isOne);
  });
});

describe('the head of an answer', () => {
  it('whatever it holds, never passes what only the gateway may say', () => {
    fc.assert(
      fc.property(lines, (raw) => {
        const bytes = [...raw, 'Connection', 'x-hop'].map((text) => Buffer.from(text, 'latin1'));
        for (const passed of namesOf(readResponseHead(bytes).headers)) expect(passed).not.toMatch(NEVER_RETURNED);
      }),
    );
  });
});

describe('an amount for the origin', () => {
  it.each([
    [1, '0.001'],
    [250, '0.25'],
    [1_000, '1'],
    [5_250, '5.25'],
    [100_000, '100'],
    [2_100_000_000_000_000, '2100000000000'],
    [1_000_000_001, '1000000.001'],
  ])('of %i millisatoshis is %s sats, to the digit', (amountMsat, sats) => {
    expect(formatSats(amountMsat)).toBe(sats);
  });
});
