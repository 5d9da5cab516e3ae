import { Buffer } from 'node:buffer';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findTokens, lngetPathOf, readTokenFile } from '../../src/index.js';
import { writeTokenFile } from '../../src/token-file/index.js';

// Made with Go: macaroon.v2 2.1.0 and encoding/binary, field by field as an Aperture client writes its token.
const MACAROON =
  '0201046c73617402420000ae216c2ef5247a3782c135efa279a3e4cdc61094270f5d2be58c6204b7a612c9777777777777777777777777777777777777777777777777777777777777777700021273657276696365733d776561746865723a30000219776561746865725f6361706162696c69746965733d7265616400000620b808c84e43d0ffb83bcb94e7295c5728827ebcc1676953dcf5ff79cdcff1ba41';
const HASH = 'ae216c2ef5247a3782c135efa279a3e4cdc61094270f5d2be58c6204b7a612c9';
const PREIMAGE = '0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20';
const AMOUNTS_AND_TIME = '0000000000005208000000000000000318d75b842b4ecd15';
const NO_WORK = '000000000000000000000000';
const FILE = `000000a0${MACAROON}${HASH}${PREIMAGE}${AMOUNTS_AND_TIME}`;

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const token = {
  macaroon: bytes(MACAROON),
  paymentHashHex: HASH,
  preimageHex: PREIMAGE,
  amountMsat: 21_000,
  feeMsat: 3,
  createdAtMs: 1_790_000_000_123,
};

describe('the token file of an Aperture client', () => {
  it.each([
    ['as it was first', FILE],
    ['as it is today, with an empty proof of work', `${FILE}${NO_WORK}`],
  ])('is read %s', (_, hex) => {
    expect(readTokenFile(bytes(hex))).toEqual({ ok: true, value: token });
  });

  it('is written in the form that every version reads', () => {
    const written = writeTokenFile({ ...token, createdAtMs: 1_790_000_000_123 });
    // The time is kept to the millisecond.
    expect(written.ok && Buffer.from(written.value).toString('hex')).toBe(
      FILE.replace('18d75b842b4ecd15', '18d75b842b47d4c0'),
    );
  });

  it.each([
    ['is empty', '', 'length'],
    ['is cut', FILE.slice(0, -2), 'length'],
    ['goes on', `${FILE}00`, 'length'],
    ['says a length that is not there', FILE.replace('000000a0', 'ffffffff'), 'length'],
    ['has a proof of work instead of a payment', `${FILE}000000000000000100000010`, 'proof of work'],
    ['is still pending', FILE.replace(PREIMAGE, '00'.repeat(32)), 'pending'],
    ['has a preimage of another payment', FILE.replace(PREIMAGE, 'ab'.repeat(32)), 'preimage'],
    [
      'names another payment than its macaroon',
      `000000a0${MACAROON}${'cd'.repeat(32)}${PREIMAGE}${AMOUNTS_AND_TIME}`,
      'another payment',
    ],
    ['holds no macaroon', `00000002ffff${HASH}${PREIMAGE}${AMOUNTS_AND_TIME}`, 'macaroon'],
    ['counts more than there is', FILE.replace('0000000000005208', 'ffffffffffffffff'), 'out of range'],
    ['was made before 1970', FILE.replace('18d75b842b4ecd15', 'f8d75b842b4ecd15'), 'out of range'],
  ])('is refused when it %s', (_, hex, why) => {
    const read = readTokenFile(bytes(hex));
    expect(read).toMatchObject({ ok: false, code: 'CREDENTIAL_FILE_INVALID', detail: expect.stringContaining(why) });
    expect(JSON.stringify(read)).not.toContain(PREIMAGE);
  });

  it('is refused when its macaroon belongs to another payment though its own hash and preimage fit', () => {
    const other = MACAROON.replace(HASH, 'cd'.repeat(32));
    expect(readTokenFile(bytes(`000000a0${other}${HASH}${PREIMAGE}${AMOUNTS_AND_TIME}`))).toMatchObject({ ok: false });
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(300), (noise, at) => {
        expect(readTokenFile(noise).ok).toBe(false);
        const changed = bytes(FILE);
        changed.set(noise.subarray(0, Math.max(0, changed.length - at)), Math.min(at, changed.length));
        expect(typeof readTokenFile(changed).ok).toBe('boolean');
      }),
    );
  });
});

describe('the folders of tokens', () => {
  function folder(): string {
    const path = mkdtempSync(join(tmpdir(), 'satway-tokens-'));
    onTestFinished(() => rmSync(path, { recursive: true, force: true }));
    return path;
  }
  const put = (...way: readonly string[]) => {
    const path = join(...way);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, bytes(FILE));
    return path;
  };

  it('of an Aperture client hold one token, under its new name or the old one', () => {
    const place = folder();
    const old = put(place, 'lsat.token');
    expect(findTokens(place)).toEqual([{ path: old, host: null }]);
    const path = put(place, 'l402.token');
    expect(findTokens(place)).toEqual([{ path, host: null }]);
    expect(findTokens(old)).toEqual([{ path: old, host: null }]);
  });

  it('of lnget hold one for each host; pending ones are left out', () => {
    const place = folder();
    const first = put(place, 'api.example.com', 'l402.token');
    const second = put(place, 'localhost_8081', 'l402.token');
    put(place, 'pending.example', 'l402.token.pending');
    writeFileSync(join(place, 'notes.txt'), 'x');
    expect(findTokens(place).toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: first, host: 'api.example.com' },
      { path: second, host: 'localhost:8081' },
    ]);
  });

  it.each([
    ['https://api.example.com', 'api.example.com'],
    ['http://localhost:8081', 'localhost_8081'],
    ['http://api.example.com:443', 'api.example.com'],
    ['http://[::1]:8081', '__1_8081'],
  ])('of lnget have a name for %s', (origin, name) => {
    expect(lngetPathOf('/tokens', origin)).toBe(join('/tokens', name, 'l402.token'));
  });
});
