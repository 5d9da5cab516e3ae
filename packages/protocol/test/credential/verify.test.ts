import {
  attenuate,
  createKeyRing,
  type CredentialToVerify,
  decodeMacaroon,
  decodeMacaroonText,
  encodeMacaroon,
  mintedCaveats,
  preimageMatches,
  verifyCredential,
} from '@satway/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  GRANT,
  keyRing,
  MASTER,
  minted,
  mintedText,
  mintWith,
  NOW_MS,
  PAYMENT_HASH,
  PREIMAGE,
  TENANT_ID,
  TERMS,
} from '../fixture.js';

const RING = keyRing();

function reasonOf(other: Partial<CredentialToVerify> = {}): string {
  const whole = { macaroon: minted(), preimageHex: PREIMAGE, keyRing: RING, tenantId: TENANT_ID, nowMs: NOW_MS };
  const verified = verifyCredential({ ...whole, ...other });
  return verified.ok ? 'good' : verified.reason;
}

describe('verifyCredential', () => {
  it('takes what was minted, and what a holder narrowed', () => {
    expect(reasonOf()).toBe('good');
    expect(reasonOf({ macaroon: minted([`grant=${GRANT}`, 'n_uses=3']) })).toBe('good');
    expect(reasonOf({ preimageHex: PREIMAGE.toUpperCase() })).toBe('good');
  });

  it.each<[string, Partial<CredentialToVerify>]>([
    ['location', { macaroon: mintWith(mintedCaveats(TERMS), 'lsat') }],
    ['location', { macaroon: mintWith(mintedCaveats(TERMS), '') }],
    ['identifier', { macaroon: { ...minted(), identifier: new Uint8Array(66).fill(1) } }],
    ['preimage', { preimageHex: '00'.repeat(32) }],
    ['preimage', { preimageHex: PREIMAGE.slice(2) }],
    ['preimage', { preimageHex: '' }],
    ['unknown_key', { keyRing: createKeyRing([{ secret: Buffer.alloc(32, 1), createdAtMs: 0, verifyUntilMs: null }]) }],
    [
      'unknown_key',
      {
        keyRing: createKeyRing([
          { secret: MASTER, createdAtMs: 0, verifyUntilMs: NOW_MS - 1 },
          { secret: Buffer.alloc(32, 1), createdAtMs: 1, verifyUntilMs: null },
        ]),
      },
    ],
    ['forged', { tenantId: '00000000-0000-4000-8000-000000000001' }],
    ['forged', { macaroon: { ...minted(), signature: new Uint8Array(32) } }],
    ['forged', { macaroon: { ...minted(), signature: new Uint8Array(0) } }],
    ['forged', { macaroon: { ...minted(['n_uses=1']), caveats: minted().caveats } }],
    ['forged', { macaroon: { ...minted(), caveats: minted(['n_uses=1']).caveats } }],
    ['forged', { macaroon: { ...minted(), caveats: minted().caveats.toReversed() } }],
    ['caveat', { macaroon: minted(['colour=red']) }],
    ['caveat', { macaroon: minted(['n_uses=0']) }],
    ['caveat', { macaroon: minted(['uses=1000']) }],
    ['caveat', { macaroon: mintWith([]) }],
    ['tenant', { macaroon: mintWith(mintedCaveats({ ...TERMS, tenantId: '00000000-0000-4000-8000-000000000001' })) }],
  ])('refuses for %s', (reason, other) => {
    expect(reasonOf(other)).toBe(reason);
  });

  it('refuses a credential of which any one byte was changed', () => {
    const bytes = encodeMacaroon(minted(['n_uses=3']));
    const verdicts = new Set<string>();
    for (const index of bytes.keys()) {
      for (const change of [0x01, 0x20, 0x80, 0xff]) {
        const changed = Buffer.from(bytes);
        changed[index] = (changed[index] ?? 0) ^ change;
        const decoded = decodeMacaroon(changed);
        verdicts.add(decoded.ok ? reasonOf({ macaroon: decoded.value }) : 'malformed');
      }
    }
    expect([...verdicts].sort()).toEqual(
      ['forged', 'location', 'identifier', 'malformed', 'preimage', 'unknown_key'].sort(),
    );
  });

  it('refuses a credential of which any one bit of the preimage was changed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), (bit) => {
        const preimage = Buffer.from(PREIMAGE, 'hex');
        preimage[bit >> 3] = (preimage[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(reasonOf({ preimageHex: preimage.toString('hex') })).toBe('preimage');
      }),
      { numRuns: 256 },
    );
  });

  it('refuses every text of which one character was changed, but for another spelling of the same bytes', () => {
    const text = mintedText(['n_uses=3']);
    const same = decodeMacaroonText(text);
    if (!same.ok) throw new TypeError(same.code);
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 1 }),
        (at, letter) => {
          fc.pre(text.charAt(at) !== letter);
          const decoded = decodeMacaroonText(`${text.slice(0, at)}${letter}${text.slice(at + 1)}`);
          const isOther = decoded.ok && !Buffer.from(decoded.value.bytes).equals(same.value.bytes);
          expect(isOther && reasonOf({ macaroon: decoded.value.macaroon }) === 'good').toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('tells under which keys its branches are counted, and no secret', () => {
    const macaroon = minted([`grant=${GRANT}`, 'n_uses=3']);
    const verified = verifyCredential({
      macaroon,
      preimageHex: PREIMAGE,
      keyRing: RING,
      tenantId: TENANT_ID,
      nowMs: NOW_MS,
    });
    if (!verified.ok) throw new TypeError(verified.reason);
    const { credential } = verified;
    expect(credential).toMatchObject({ paymentHashHex: PAYMENT_HASH, terms: { endpointId: 'forecast' } });
    expect(credential.tokenIdHex).toBe('ef58775f808182838485868788898a8b8c8d8e8f909192939495969798999a9b');
    expect(credential.chainHashesHex).toHaveLength(11);
    expect(credential.finalChainHashHex).toBe(credential.chainHashesHex[10]);
    expect(credential.counters).toEqual([
      { caveatIndex: 9, kind: 'n_uses', cap: 3, chainHashHex: credential.chainHashesHex[10] },
    ]);
    const text = JSON.stringify(credential);
    for (const secret of [PREIMAGE, Buffer.from(macaroon.signature).toString('hex')])
      expect(text).not.toContain(secret);
  });

  it('gives a child every chain hash of its parent, so that a revocation of the parent is seen in it', () => {
    const hashes = (added: readonly string[]) => {
      const verified = verifyCredential({
        macaroon: minted(added),
        preimageHex: PREIMAGE,
        keyRing: RING,
        tenantId: TENANT_ID,
        nowMs: NOW_MS,
      });
      if (!verified.ok) throw new TypeError(verified.reason);
      return verified.credential;
    };
    const root = hashes([]);
    const child = hashes([`grant=${GRANT}`]);
    const sibling = hashes([`grant=${'11'.repeat(16)}`]);
    expect(child.chainHashesHex).toContain(root.finalChainHashHex);
    expect(root.chainHashesHex).not.toContain(child.finalChainHashHex);
    expect(sibling.chainHashesHex).not.toContain(child.finalChainHashHex);
  });

  it('knows the macaroon by the digest of its bytes, at hand or not', () => {
    const macaroon = minted();
    const digest = (macaroonBytes?: Uint8Array) => {
      const input = { macaroon, preimageHex: PREIMAGE, keyRing: RING, tenantId: TENANT_ID, nowMs: NOW_MS };
      const verified = verifyCredential(macaroonBytes === undefined ? input : { ...input, macaroonBytes });
      return verified.ok ? verified.credential.macaroonSha256Hex : verified.reason;
    };
    expect(digest()).toBe(digest(encodeMacaroon(macaroon)));
    expect(digest()).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is not fooled by caveats that a holder adds to widen it', () => {
    const wider = attenuate(minted(), ['expires_at=9999999999999']);
    const verified = verifyCredential({
      macaroon: wider,
      preimageHex: PREIMAGE,
      keyRing: RING,
      tenantId: TENANT_ID,
      nowMs: NOW_MS,
    });
    expect(verified).toMatchObject({ ok: true, credential: { terms: { effectiveExpiresAtMs: 1_795_263_600_000 } } });
  });
});

describe('preimageMatches', () => {
  it('says yes to the preimage of a hash in either case, and no to anything else', () => {
    expect(preimageMatches(PREIMAGE, PAYMENT_HASH)).toBe(true);
    expect(preimageMatches(PREIMAGE.toUpperCase(), PAYMENT_HASH.toUpperCase())).toBe(true);
    expect(preimageMatches('00'.repeat(32), PAYMENT_HASH)).toBe(false);
    expect(preimageMatches('', PAYMENT_HASH)).toBe(false);
    expect(preimageMatches(PREIMAGE, '')).toBe(false);
    expect(preimageMatches(`${PREIMAGE}00`, PAYMENT_HASH)).toBe(false);
    expect(preimageMatches(PREIMAGE, `${PAYMENT_HASH}00`)).toBe(false);
    // SHA-256 of one zero byte: the hash is right, but no Lightning preimage is that short.
    expect(preimageMatches('00', '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d')).toBe(false);
  });
});
