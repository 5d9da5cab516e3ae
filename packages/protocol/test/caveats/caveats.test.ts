import {
  canonicalizePath,
  type CanonicalPath,
  checkTerms,
  type CredentialTerms,
  holderCaveats,
  interpretCaveats,
  mintedCaveats,
  parseCaveat,
  type TermsRequest,
} from '@satway/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, EXPIRES_AT_MS, GRANT, MINTED_AT_MS, NOW_MS, TENANT_ID, TERMS } from '../fixture.js';

const HASH = 'ab'.repeat(32);
const OTHER_HASH = 'ba'.repeat(32);

function interpret(added: readonly string[], minted: readonly string[] = mintedCaveats(TERMS)) {
  return interpretCaveats([...minted, ...added].map(bytesOf));
}

function termsWith(...added: string[]): CredentialTerms {
  const terms = interpret(added);
  if (!terms.ok) throw new TypeError(terms.detail);
  return terms.value;
}

function codeOf(added: readonly string[], minted?: readonly string[]): string {
  const terms = interpret(added, minted);
  return terms.ok ? 'accepted' : terms.code;
}

function pathOf(target: string): CanonicalPath {
  const path = canonicalizePath(target);
  if (!path.ok) throw new TypeError(path.detail);
  return path.value;
}

describe('minted caveats', () => {
  it('stand in the order of the wire format', () => {
    const all = {
      ...TERMS,
      pubkeyHex: HASH,
      sessionId: 's-1',
      argsSha256Hex: HASH,
      bodySha256Hex: HASH,
      querySha256Hex: HASH,
    };
    expect(mintedCaveats(all)).toEqual([
      'services=acme/forecast:0',
      'tenant_id=6f1c2d34-5e6f-4a7b-8c9d-0e1f2a3b4c5d',
      'endpoint_id=forecast',
      'model=per_request',
      'price_msat=5000',
      'uses=1',
      'minted_at=1795260000000',
      'expires_at=1795263600000',
      `pubkey=${HASH}`,
      'session=s-1',
      `args_sha256=${HASH}`,
      `body_sha256=${HASH}`,
      `query_sha256=${HASH}`,
    ]);
  });

  it.each([
    ['a slug with a slash', { tenantSlug: 'a/b' }],
    ['a slug with a blank', { tenantSlug: 'a b' }],
    ['a tenant id in upper case', { tenantId: TENANT_ID.toUpperCase() }],
    ['an endpoint id with an equals sign', { endpointId: 'a=b' }],
    ['a price of 0', { priceMsat: 0 }],
    ['a price below 0', { priceMsat: -1 }],
    ['a fraction of a millisatoshi', { priceMsat: 0.5 }],
    ['a price above 2^53', { priceMsat: 2 ** 53 }],
    ['a price that is no number', { priceMsat: Number.NaN }],
    ['no use', { uses: 0 }],
    ['too many uses', { uses: 2 ** 32 }],
    ['a time before 1970', { mintedAtMs: -1 }],
    ['an endless life', { expiresAtMs: Number.POSITIVE_INFINITY }],
    ['a short pubkey', { pubkeyHex: 'ab' }],
    ['a session with a line break', { sessionId: 'a\nb' }],
  ])('are not made from %s', (_, wrong) => {
    expect(() => mintedCaveats({ ...TERMS, ...wrong })).toThrow(expect.objectContaining({ code: 'CAVEAT_MALFORMED' }));
  });
});

describe('parseCaveat', () => {
  it('splits at the first equals sign', () => {
    expect(parseCaveat('path_prefix=/a=b')).toEqual({ ok: true, value: { key: 'path_prefix', value: '/a=b' } });
    expect(parseCaveat('n_uses=3')).toEqual({ ok: true, value: { key: 'n_uses', value: 3 } });
    expect(parseCaveat(`preimage=${'AB'.repeat(32)}`)).toEqual({ ok: true, value: { key: 'preimage', value: HASH } });
  });

  it.each(['colour=red', '__proto__=1', 'constructor=1', 'toString=', 'N_USES=1', 'n_uses2=1', 'svc_valid_until=1'])(
    'refuses the unknown %s',
    (caveat) => {
      expect(parseCaveat(caveat)).toMatchObject({ ok: false, code: 'CAVEAT_UNKNOWN' });
      expect(codeOf([caveat])).toBe('CAVEAT_UNKNOWN');
    },
  );

  it.each([
    '',
    'n_uses',
    '=1',
    ' n_uses=1',
    'n_uses=1 ',
    'n_uses= 1',
    'n_uses=',
    'n_uses=0',
    'n_uses=-1',
    'n_uses=+1',
    'n_uses=01',
    'n_uses=1e3',
    'n_uses=0x1',
    'n_uses=1.0',
    'n_uses=4294967296',
    'n_uses=99999999999999999999',
    'n_uses=\u0661',
    'n_uses=1\n',
    'n_uses=1\u0000',
    'max_sats=0',
    'max_sats=4294967296',
    'valid_until=9007199254740992',
    'valid_until=-1',
    'valid_until=1.5',
    'expires_at=Infinity',
    'expires_at=NaN',
    'method=get',
    'method=',
    'method=GET,POST',
    'grant=00',
    `grant=${'AB'.repeat(16)}`,
    `preimage=${'00'.repeat(31)}`,
    `pubkey=${HASH.toUpperCase()}`,
    'path_prefix=',
    'path_prefix=v1',
    'path_prefix=/a/../b',
    'path_prefix=/%2e%2e',
    'path_prefix=/é',
    'model=free',
    'price_msat=0',
    'services=acme:0',
    'services=acme/forecast:1',
    'services=acme/forecast:0,acme/gold:0',
    'path_prefix=/\ud800',
  ])('refuses %j', (caveat) => {
    expect(parseCaveat(caveat)).toMatchObject({ ok: false, code: 'CAVEAT_MALFORMED' });
    expect(codeOf([caveat])).toBe('CAVEAT_MALFORMED');
  });

  it('takes the largest counts', () => {
    expect(parseCaveat('n_uses=4294967295')).toMatchObject({ ok: true, value: { value: 4_294_967_295 } });
    expect(parseCaveat('price_msat=9007199254740991')).toMatchObject({
      ok: true,
      value: { value: 9_007_199_254_740_991 },
    });
  });

  it('refuses bytes outside visible ASCII', () => {
    for (const byte of [0x00, 0x0a, 0x20, 0x7f, 0x80, 0xff]) {
      const bytes = new Uint8Array([...bytesOf('path_prefix=/a'), byte]);
      expect(parseCaveat(bytes)).toMatchObject({ ok: false, code: 'CAVEAT_MALFORMED' });
    }
  });

  it('answers anything with a value', () => {
    const keys = fc.constantFrom('n_uses', 'path_prefix', 'services', 'model', '__proto__', 'expires_at', 'grant');
    const lines = fc.tuple(keys, fc.string({ unit: 'binary' })).map(([key, value]) => `${key}=${value}`);
    fc.assert(
      fc.property(fc.oneof(lines, fc.string({ unit: 'binary' }), fc.uint8Array()), (caveat) => {
        const parsed = parseCaveat(caveat);
        expect(parsed.ok || /^CAVEAT_(UNKNOWN|MALFORMED)$/.test(parsed.code)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the caveats of a credential', () => {
  it('say together what was sold and how it was narrowed', () => {
    const terms = termsWith(
      `grant=${GRANT}`,
      'method=GET',
      'path_prefix=/v1/search/',
      'path_prefix=/v1',
      `valid_until=${EXPIRES_AT_MS - 5}`,
      'n_uses=3',
      'max_sats=40',
      'n_uses=2',
    );
    expect(terms).toEqual({
      services: 'acme/forecast:0',
      tenantId: TENANT_ID,
      endpointId: 'forecast',
      model: 'per_request',
      priceMsat: 5000,
      uses: 1,
      mintedAtMs: MINTED_AT_MS,
      expiresAtMs: EXPIRES_AT_MS,
      effectiveExpiresAtMs: EXPIRES_AT_MS - 5,
      pubkeyHex: null,
      sessionId: null,
      argsSha256Hex: null,
      bodySha256Hex: null,
      querySha256Hex: null,
      method: 'GET',
      pathPrefixes: ['/v1/search', '/v1'],
      grants: [GRANT],
      counters: [
        { caveatIndex: 13, kind: 'n_uses', cap: 3 },
        { caveatIndex: 14, kind: 'max_sats', cap: 40 },
        { caveatIndex: 15, kind: 'n_uses', cap: 2 },
      ],
      hasHolderCaveats: true,
    });
  });

  it('expire at the earliest of all their expiries, whatever a holder adds later', () => {
    expect(termsWith(`valid_until=${EXPIRES_AT_MS + 1}`).effectiveExpiresAtMs).toBe(EXPIRES_AT_MS);
    expect(termsWith('valid_until=7', 'valid_until=9').effectiveExpiresAtMs).toBe(7);
    expect(termsWith('expires_at=8')).toMatchObject({ effectiveExpiresAtMs: 8, expiresAtMs: EXPIRES_AT_MS });
    expect(termsWith(`expires_at=${EXPIRES_AT_MS * 2}`)).toMatchObject({ effectiveExpiresAtMs: EXPIRES_AT_MS });
  });

  it.each([
    ['uses=2'],
    ['price_msat=1'],
    ['model=metered'],
    ['endpoint_id=gold'],
    ['services=acme/gold:0'],
    ['tenant_id=00000000-0000-4000-8000-000000000001'],
    ['minted_at=1'],
    ['method=GET', 'method=POST'],
    [`pubkey=${HASH}`, `pubkey=${OTHER_HASH}`],
    [`body_sha256=${HASH}`, `body_sha256=${OTHER_HASH}`],
    [`preimage=${HASH}`, `preimage=${OTHER_HASH}`],
  ])('refuse a second, other value: %s', (...added) => {
    expect(codeOf(added)).toBe('CAVEAT_CONFLICT');
  });

  it('take a repetition of the same value', () => {
    expect(codeOf([...mintedCaveats(TERMS), 'method=GET', 'method=GET'])).toBe('accepted');
  });

  it('keep a holder from sending the money into a session of his choice', () => {
    expect(codeOf([`grant=${GRANT}`, 'session=mine'])).toBe('CAVEAT_CONFLICT');
    expect(codeOf([], mintedCaveats({ ...TERMS, sessionId: 's-1' }))).toBe('accepted');
  });

  it('must begin with everything that is always minted, in order', () => {
    const minted = mintedCaveats(TERMS);
    for (const index of minted.keys()) {
      expect(codeOf([], minted.toSpliced(index, 1))).toBe('CAVEATS_INCOMPLETE');
      expect(codeOf([minted[index] ?? ''], minted.toSpliced(index, 1))).toBe(
        index === minted.length - 1 ? 'accepted' : 'CAVEATS_INCOMPLETE',
      );
    }
    expect(codeOf([], [])).toBe('CAVEATS_INCOMPLETE');
    expect(codeOf([], [`grant=${GRANT}`, ...minted])).toBe('CAVEATS_INCOMPLETE');
  });

  it.each([
    [[], false],
    [[`preimage=${HASH}`], false],
    [[`grant=${GRANT}`], true],
    [['method=GET'], true],
    [['path_prefix=/v1'], true],
    [['valid_until=1'], true],
    [['expires_at=1'], true],
    [['n_uses=1'], true],
    [['max_sats=1'], true],
    [[`preimage=${HASH}`, 'n_uses=1'], true],
  ])('tell whether a holder narrowed them: %j', (added, expected) => {
    expect(termsWith(...added).hasHolderCaveats).toBe(expected);
  });
});

describe('holderCaveats', () => {
  it('puts the grant first, then what was asked for', () => {
    const limits = { grantHex: GRANT, method: 'GET', pathPrefix: '/v1', validUntilMs: 5, uses: 3, maxSats: 40 };
    expect(holderCaveats(limits)).toEqual({
      ok: true,
      value: [`grant=${GRANT}`, 'method=GET', 'path_prefix=/v1', 'valid_until=5', 'n_uses=3', 'max_sats=40'],
    });
    expect(holderCaveats({ grantHex: GRANT })).toEqual({ ok: true, value: [`grant=${GRANT}`] });
  });

  it.each([
    { grantHex: 'ab' },
    { grantHex: GRANT, uses: 0 },
    { grantHex: GRANT, uses: 1.5 },
    { grantHex: GRANT, maxSats: 2 ** 32 },
    { grantHex: GRANT, pathPrefix: 'v1' },
    { grantHex: GRANT, pathPrefix: '/a b' },
    { grantHex: GRANT, method: 'GET\r\nX: y' },
    { grantHex: GRANT, validUntilMs: Number.NaN },
  ])('refuses %j', (limits) => {
    expect(holderCaveats(limits)).toMatchObject({ ok: false, code: 'CAVEAT_MALFORMED' });
  });

  it('makes what is understood again', () => {
    const limits = fc.record(
      {
        grantHex: fc.constant(GRANT),
        method: fc.constantFrom('GET', 'POST'),
        validUntilMs: fc.nat(),
        uses: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
        maxSats: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      },
      { requiredKeys: ['grantHex'] },
    );
    fc.assert(
      fc.property(limits, (wanted) => {
        const caveats = holderCaveats(wanted);
        if (!caveats.ok) throw new TypeError(caveats.detail);
        const terms = termsWith(...caveats.value);
        expect(terms.method).toBe(wanted.method ?? null);
        expect(terms.effectiveExpiresAtMs).toBe(Math.min(wanted.validUntilMs ?? EXPIRES_AT_MS, EXPIRES_AT_MS));
        const caps = [wanted.uses, wanted.maxSats].filter((cap) => cap !== undefined);
        expect(terms.counters.map(({ cap }) => cap)).toEqual(caps);
      }),
    );
  });
});

describe('checkTerms', () => {
  const request: TermsRequest = {
    tenantId: TENANT_ID,
    endpointId: 'forecast',
    method: 'GET',
    path: pathOf('/v1/search/deep'),
    nowMs: NOW_MS,
  };

  function reason(terms: CredentialTerms, other: Partial<TermsRequest> = {}): string {
    const checked = checkTerms(terms, { ...request, ...other });
    return checked.ok ? 'good' : checked.reason;
  }

  it('lets through what was sold', () => {
    expect(reason(termsWith())).toBe('good');
    const narrow = ['method=GET', 'path_prefix=/v1', 'path_prefix=/v1/search', `pubkey=${HASH}`, `body_sha256=${HASH}`];
    expect(reason(termsWith(...narrow), { pubkeyHex: HASH, bodySha256Hex: HASH })).toBe('good');
  });

  it.each<[string, string[], Partial<TermsRequest>]>([
    ['tenant', [], { tenantId: '00000000-0000-4000-8000-000000000001' }],
    ['endpoint', [], { endpointId: 'gold' }],
    ['expired', [], { nowMs: EXPIRES_AT_MS }],
    ['expired', [], { nowMs: Number.NaN }],
    ['expired', [`valid_until=${NOW_MS}`], {}],
    ['quote_void', [], { quotesValidAfterMs: MINTED_AT_MS + 1 }],
    ['method', ['method=GET'], { method: 'HEAD' }],
    ['path', ['path_prefix=/v1/searchx'], {}],
    ['path', ['path_prefix=/v1', 'path_prefix=/v2'], {}],
    ['body', [`body_sha256=${HASH}`], {}],
    ['body', [`body_sha256=${HASH}`], { bodySha256Hex: OTHER_HASH }],
    ['query', [`query_sha256=${HASH}`], { bodySha256Hex: HASH }],
    ['arguments', [`args_sha256=${HASH}`], {}],
    ['pubkey', [`pubkey=${HASH}`], {}],
    ['pubkey', [`pubkey=${HASH}`], { pubkeyHex: OTHER_HASH }],
  ])('refuses for %s: %j with %j', (why, added, other) => {
    expect(reason(termsWith(...added), other)).toBe(why);
  });

  it('asks no more of the services than their endpoint: whose they are says the tenant’s id, and a slug may change', () => {
    expect(reason({ ...termsWith(), services: 'other/forecast:0' })).toBe('good');
    for (const services of ['acme/gold:0', 'acme/forecast:1', 'acme/forecast', 'forecast:0', 'a/acme/forecast:0']) {
      expect(reason({ ...termsWith(), services })).toBe('services');
    }
  });

  it('lets through up to the last millisecond, and a quote of the very moment', () => {
    expect(reason(termsWith(), { nowMs: EXPIRES_AT_MS - 1 })).toBe('good');
    expect(reason(termsWith(), { quotesValidAfterMs: MINTED_AT_MS })).toBe('good');
  });
});
