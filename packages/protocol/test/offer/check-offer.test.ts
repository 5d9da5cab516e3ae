import assert from 'node:assert/strict';
import {
  type CheckedOffer,
  checkOffer,
  type DecodedInvoice,
  decodeInvoice,
  encodeInvoice,
  type OfferToCheck,
} from '@satway/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const NODE_KEY = Buffer.alloc(32, 9);
const HASH_HEX = 'ab'.repeat(32);
const OTHER_HASH_HEX = 'ba'.repeat(32);
const WRITTEN_AT_SECONDS = 1_800_000_000;
const NOW_MS = WRITTEN_AT_SECONDS * 1000 + 60_000;
const INVOICE_EXPIRES_AT_MS = WRITTEN_AT_SECONDS * 1000 + 600_000;

function invoice(amountMsat: bigint | null = 5_000n, minFinalCltvExpiryDelta = 80): DecodedInvoice {
  const text = encodeInvoice(
    {
      network: 'regtest',
      amountMsat,
      timestampSeconds: WRITTEN_AT_SECONDS,
      paymentHashHex: HASH_HEX,
      paymentSecretHex: 'cd'.repeat(32),
      description: 'one forecast',
      expirySeconds: 600,
      minFinalCltvExpiryDelta,
    },
    NODE_KEY,
  );
  const decoded = decodeInvoice(text);
  assert(decoded.ok);
  return decoded.value;
}

/** A macaroon in the v2 binary format, put together by hand; nobody checks its signature before it is paid. */
function token(caveats: readonly string[], paymentHashHex = HASH_HEX, version = '0000'): string {
  const packet = (tag: number, content: Buffer): Buffer =>
    Buffer.concat([
      Buffer.of(tag),
      content.length < 128 ? Buffer.of(content.length) : Buffer.of((content.length & 127) | 128, content.length >> 7),
      content,
    ]);
  const identifier = Buffer.from(`${version}${paymentHashHex}${'11'.repeat(32)}`, 'hex');
  const written = caveats.flatMap((caveat) => [packet(2, Buffer.from(caveat)), Buffer.of(0)]);
  const head = [Buffer.of(2), packet(1, Buffer.from('satway')), packet(2, identifier), Buffer.of(0)];
  return Buffer.concat([...head, ...written, Buffer.of(0), packet(6, Buffer.alloc(32, 5))]).toString('base64');
}

const OURS = [
  'services=acme/forecast:0',
  'tenant_id=7b3c1f0a-58c4-4f6e-9d0b-1c2d3e4f5a6b',
  'endpoint_id=forecast',
  'model=per_request',
  'price_msat=5000',
  'uses=1',
  `minted_at=${WRITTEN_AT_SECONDS * 1000}`,
];

function offer(change: Partial<OfferToCheck> = {}): OfferToCheck {
  return {
    macaroonText: token([...OURS, `expires_at=${NOW_MS + 3_600_000}`]),
    invoice: invoice(),
    network: 'regtest',
    nowMs: NOW_MS,
    advertisedMsat: null,
    ...change,
  };
}

function accepted(change: Partial<OfferToCheck> = {}): CheckedOffer {
  const result = checkOffer(offer(change));
  assert(result.ok, result.ok ? '' : `${result.code}: ${result.detail}`);
  return result.value;
}

function refusal(change: Partial<OfferToCheck>): string {
  const result = checkOffer(offer(change));
  return result.ok ? 'accepted' : result.code;
}

describe('a good offer', () => {
  it('says what it costs, whom it pays, how long it holds and what it opens', () => {
    const checked = accepted();
    expect(checked).toMatchObject({
      amountMsat: 5_000,
      paymentHashHex: HASH_HEX,
      payeeHex: invoice().payeeHex,
      invoiceExpiresAtMs: INVOICE_EXPIRES_AT_MS,
      timeLeftMs: 540_000,
      opaque: false,
      credentialExpiresAtMs: NOW_MS + 3_600_000,
    });
    expect(checked.terms).toMatchObject({ endpointId: 'forecast', uses: 1 });
  });
});

describe('the amount', () => {
  it('must be in the invoice', () => expect(refusal({ invoice: invoice(null) })).toBe('INVOICE_AMOUNTLESS'));

  it('must be a safe integer of millisatoshis', () => {
    expect(refusal({ invoice: invoice(9_007_199_254_740_992n) })).toBe('AMOUNT_OUT_OF_RANGE');
    expect(accepted({ invoice: invoice(9_007_199_254_740_991n) }).amountMsat).toBe(9_007_199_254_740_991);
  });

  it.each([1n, 999n, 2_000_000_000n, 100_000_000_000n])('of %s msat is what the invoice says', (amountMsat) => {
    expect(accepted({ invoice: invoice(amountMsat) }).amountMsat).toBe(Number(amountMsat));
  });
});

describe('the advertised price', () => {
  it.each([
    [5_000n, 5_000],
    [250n, 1_000],
    [1n, 1_000],
    [4_001n, 5_000],
    [250n, 250],
    [1_500n, 1_500],
  ])('lets an invoice of %s msat pass where %i msat are advertised', (amountMsat, advertisedMsat) => {
    expect(accepted({ invoice: invoice(amountMsat), advertisedMsat }).amountMsat).toBe(Number(amountMsat));
  });

  it.each([
    [250_000_000n, 1_000],
    [5_001n, 5_000],
    [1_001n, 1_000],
    [4_000n, 5_000],
    [1_000n, 5_000],
    [250n, 0],
    [250n, 251],
    [251n, 250],
    [1_400n, 1_500],
    [5_000n, -5_000],
    [5_000n, Number.NaN],
    [5_000n, Number.POSITIVE_INFINITY],
  ])('refuses an invoice of %s msat where %d msat are advertised', (amountMsat, advertisedMsat) => {
    expect(refusal({ invoice: invoice(amountMsat), advertisedMsat })).toBe('OFFER_PRICE_MISMATCH');
  });

  it('never lets an invoice above it pass', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1_000_000 }), fc.integer({ min: 1, max: 1_000_000 }), (advertisedMsat, over) => {
        const dear = { ...invoice(), amountMsat: BigInt(advertisedMsat + over) };
        expect(refusal({ invoice: dear, advertisedMsat })).toBe('OFFER_PRICE_MISMATCH');
      }),
    );
  });
});

describe('the invoice', () => {
  it('of another network is refused', () => {
    for (const network of ['bitcoin', 'testnet', 'signet'] as const) {
      expect(refusal({ network })).toBe('INVOICE_OTHER_NETWORK');
    }
  });

  it('is refused from the millisecond at which it expires, and the refusal says since when', () => {
    expect(accepted({ nowMs: INVOICE_EXPIRES_AT_MS - 1 }).timeLeftMs).toBe(1);
    expect(checkOffer(offer({ nowMs: INVOICE_EXPIRES_AT_MS }))).toMatchObject({ code: 'INVOICE_EXPIRED' });
    expect(checkOffer(offer({ nowMs: INVOICE_EXPIRES_AT_MS + 5_000 }))).toMatchObject({
      code: 'INVOICE_EXPIRED',
      detail: 'It expired 5000 ms ago.',
    });
  });

  it('is refused when the clock is none', () => expect(refusal({ nowMs: Number.NaN })).toBe('INVOICE_EXPIRED'));

  it('that could lock the payment for more than two days is refused', () => {
    expect(refusal({ invoice: invoice(5_000n, 288) })).toBe('accepted');
    expect(refusal({ invoice: invoice(5_000n, 289) })).toBe('INVOICE_FINAL_CLTV_TOO_LARGE');
    expect(refusal({ invoice: invoice(5_000n, 4_294_967_295) })).toBe('INVOICE_FINAL_CLTV_TOO_LARGE');
  });

  it('may lock it as long as the caller says', () => {
    expect(refusal({ invoice: invoice(5_000n, 289), maxFinalCltv: 289 })).toBe('accepted');
    expect(refusal({ invoice: invoice(5_000n, 80), maxFinalCltv: 79 })).toBe('INVOICE_FINAL_CLTV_TOO_LARGE');
    expect(refusal({ maxFinalCltv: Number.NaN })).toBe('INVOICE_FINAL_CLTV_TOO_LARGE');
  });
});

describe('the token', () => {
  const goodUntil = `expires_at=${NOW_MS + 3_600_000}`;

  it('must commit to the payment hash of the invoice', () => {
    expect(refusal({ macaroonText: token([...OURS, goodUntil], OTHER_HASH_HEX) })).toBe('OFFER_HASH_MISMATCH');
    expect(refusal({ macaroonText: token(['anything'], OTHER_HASH_HEX) })).toBe('OFFER_HASH_MISMATCH');
  });

  it('must commit to it in whatever base64 it is written', () => {
    const bytes = Buffer.from(token([...OURS, goodUntil], OTHER_HASH_HEX), 'base64');
    for (const macaroonText of [bytes.toString('base64url'), bytes.toString('base64').replace(/=+$/, '')]) {
      expect(refusal({ macaroonText })).toBe('OFFER_HASH_MISMATCH');
    }
  });

  it('must not expire before the invoice', () => {
    const until = (expiresAtMs: number): string => token([...OURS, `expires_at=${expiresAtMs}`]);
    expect(refusal({ macaroonText: until(INVOICE_EXPIRES_AT_MS - 1) })).toBe('OFFER_TOKEN_EXPIRES_FIRST');
    expect(refusal({ macaroonText: until(INVOICE_EXPIRES_AT_MS) })).toBe('accepted');
  });

  it('expires at the earliest of its expiries', () => {
    const delegated = token([
      ...OURS,
      goodUntil,
      `grant=${'0a'.repeat(16)}`,
      `valid_until=${INVOICE_EXPIRES_AT_MS - 1}`,
    ]);
    expect(refusal({ macaroonText: delegated })).toBe('OFFER_TOKEN_EXPIRES_FIRST');
  });

  it.each([
    `valid_until=${INVOICE_EXPIRES_AT_MS / 1000 - 1}`,
    `acme_valid_until=${INVOICE_EXPIRES_AT_MS / 1000 - 1}`,
    `expires_at=${INVOICE_EXPIRES_AT_MS - 1}`,
  ])('of another minter with %s expires before the invoice', (caveat) => {
    expect(refusal({ macaroonText: token(['services=acme:0', 'acme_capabilities=read', caveat]) })).toBe(
      'OFFER_TOKEN_EXPIRES_FIRST',
    );
  });

  it('of another minter expires at the earliest of its expiries', () => {
    const late = NOW_MS / 1000 + 3_600;
    const macaroonText = token([`a_valid_until=${late}`, `b_valid_until=${INVOICE_EXPIRES_AT_MS / 1000 - 1}`]);
    expect(refusal({ macaroonText })).toBe('OFFER_TOKEN_EXPIRES_FIRST');
  });

  it('of another minter that commits to the hash is read as far as it can be', () => {
    const seconds = NOW_MS / 1000 + 3_600;
    const checked = accepted({
      macaroonText: token(['services=acme:0', `acme_valid_until=${seconds}`, 'note=valid_until=1']),
    });
    expect(checked).toMatchObject({ opaque: false, terms: null, credentialExpiresAtMs: NOW_MS + 3_600_000 });
    expect(accepted({ macaroonText: token(['services=acme:0']) })).toMatchObject({
      opaque: false,
      credentialExpiresAtMs: null,
    });
  });

  it.each([
    ['a JSON web token', 'eyJhbGciOiJIUzI1NiJ9.eyJwYXltZW50SGFzaCI6ImFiIn0.c2ln'],
    ['text', 'token-42'],
    ['nothing', ''],
    ['base64 of something else', Buffer.from('hello world').toString('base64')],
    ['a macaroon with an identifier of another version', token([...OURS, goodUntil], HASH_HEX, '0001')],
    [
      'a macaroon with a byte too many',
      Buffer.concat([Buffer.from(token(OURS), 'base64'), Buffer.of(0)]).toString('base64'),
    ],
  ])('that is %s is opaque, and marked so', (_what, macaroonText) => {
    expect(accepted({ macaroonText })).toMatchObject({
      opaque: true,
      terms: null,
      credentialExpiresAtMs: null,
      amountMsat: 5_000,
    });
  });

  it('that is opaque does not excuse the invoice', () => {
    const macaroonText = 'token-42';
    expect(refusal({ macaroonText, invoice: invoice(null) })).toBe('INVOICE_AMOUNTLESS');
    expect(refusal({ macaroonText, network: 'bitcoin' })).toBe('INVOICE_OTHER_NETWORK');
    expect(refusal({ macaroonText, nowMs: INVOICE_EXPIRES_AT_MS })).toBe('INVOICE_EXPIRED');
    expect(refusal({ macaroonText, advertisedMsat: 1_000 })).toBe('OFFER_PRICE_MISMATCH');
  });

  it('of any text gives an answer', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (macaroonText) => {
        expect(typeof checkOffer(offer({ macaroonText })).ok).toBe('boolean');
      }),
    );
  });
});
