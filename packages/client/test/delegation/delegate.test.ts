import { createHash } from 'node:crypto';
import { decodeMacaroonText, interpretCaveats, MACAROON_LOCATION, mintedCaveats, mintMacaroon } from '@satway/protocol';
import { encodeIdentifier, encodeMacaroonText, type PriceModel, signatureChain } from '@satway/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHandedToken, writeHandedToken } from '../../src/delegation/handed-token.js';
import { type DelegationLimits, delegate } from '../../src/index.js';
import { ALL_CAVEATS, TENANT_ID } from '../support/seller.js';

const NOW_MS = 1_795_260_000_000;
const LIFE_MS = 3_600_000;
const ROOT_KEY = Buffer.alloc(32, 7);
const PREIMAGE = 'ab'.repeat(32);
const HASH = createHash('sha256').update(Buffer.from(PREIMAGE, 'hex')).digest('hex');

interface Sold {
  readonly uses?: number;
  readonly priceMsat?: number;
  readonly model?: PriceModel;
  readonly more?: readonly string[];
  readonly announced?: readonly string[] | null;
}

/** A credential as a seller sells it, and as `obtain` hands it over. */
function sold({
  uses = 10,
  priceMsat = 100_000,
  model = 'per_request',
  more = [],
  announced = ALL_CAVEATS,
}: Sold = {}) {
  const caveats = mintedCaveats({
    tenantSlug: 'acme',
    tenantId: TENANT_ID,
    endpointId: 'search',
    model,
    priceMsat,
    uses,
    mintedAtMs: NOW_MS - 1000,
    expiresAtMs: NOW_MS + LIFE_MS,
  });
  const identifier = encodeIdentifier({ paymentHashHex: HASH, tokenId: Buffer.alloc(32, 3) });
  const macaroon = mintMacaroon({
    rootKey: ROOT_KEY,
    location: MACAROON_LOCATION,
    identifier,
    caveats: [...caveats, ...more],
  });
  return writeHandedToken({
    origin: 'https://api.example',
    macaroonText: encodeMacaroonText(macaroon),
    preimageHex: PREIMAGE,
    announcedCaveats: announced,
  });
}

let random = 0;
const source = { nowMs: () => NOW_MS, random: (count: number) => Buffer.alloc(count, (random += 1)) };
const narrow = (token: string, limits?: DelegationLimits) => delegate(token, limits, source);

function tokenOf(delegation: ReturnType<typeof delegate>): string {
  if (delegation.ok) return delegation.token;
  throw new Error(delegation.code);
}

/** The macaroon in a token, its caveats as text, and whether its signature is what its seller would compute. */
function inside(token: string) {
  const read = readHandedToken(token);
  const decoded = read.ok ? decodeMacaroonText(read.value.macaroonText) : read;
  if (!decoded.ok || !read.ok) throw new Error('unreadable');
  const { macaroon } = decoded.value;
  const caveats = macaroon.caveats.map((caveat) => Buffer.from(caveat).toString());
  const isGenuine = Buffer.from(signatureChain(ROOT_KEY, macaroon).at(-1) ?? []).equals(macaroon.signature);
  return { ...read.value, caveats, isGenuine, terms: interpretCaveats(macaroon.caveats) };
}

const MINTED = inside(sold()).caveats;

describe('a delegation', () => {
  it('narrows by everything that the wire format knows, a grant first, and its seller will find it genuine', () => {
    const limits = { method: 'get', pathPrefix: '/v1/search', validForMs: 60_000, uses: 3, maxSats: 30 };
    const delegation = delegate(sold(), limits, { nowMs: () => NOW_MS, random: (count) => Buffer.alloc(count, 0xcd) });
    expect(delegation).toMatchObject({ ok: true, grantHex: 'cd'.repeat(16), expiresAtMs: NOW_MS + 60_000 });
    expect(inside(tokenOf(delegation))).toMatchObject({
      origin: 'https://api.example',
      preimageHex: PREIMAGE,
      announcedCaveats: ALL_CAVEATS,
      isGenuine: true,
      caveats: [
        ...MINTED,
        `grant=${'cd'.repeat(16)}`,
        'method=GET',
        'path_prefix=/v1/search',
        `valid_until=${NOW_MS + 60_000}`,
        'n_uses=3',
        'max_sats=30',
      ],
    });
  });

  it('goes several levels deep, each a branch of its own', () => {
    const child = tokenOf(narrow(sold(), { uses: 6, pathPrefix: '/v1' }));
    const grandchild = tokenOf(narrow(child, { uses: 2, pathPrefix: '/v1/search' }));
    const last = inside(tokenOf(narrow(grandchild, { uses: 2, maxSats: 20 })));
    expect(last).toMatchObject({ isGenuine: true, terms: { ok: true } });
    const grants = last.terms.ok ? last.terms.value.grants : [];
    expect(new Set(grants).size).toBe(3);
    expect(last.terms.ok && last.terms.value.counters.map(({ kind, cap }) => [kind, cap])).toEqual([
      ['n_uses', 6],
      ['n_uses', 2],
      ['n_uses', 2],
      ['max_sats', 20],
    ]);
  });

  it('gives two equal delegations two branches, by the random numbers of the platform as well', () => {
    const token = sold();
    const wide = { nowMs: () => NOW_MS };
    const [one, two] = [delegate(token, { uses: 1 }, wide), delegate(token, { uses: 1 }, wide)];
    expect(tokenOf(one)).not.toBe(tokenOf(two));
    expect(one.ok && one.grantHex).toMatch(/^[0-9a-f]{32}$/);
  });

  it('takes what `obtain` gave, and needs no limit to make a branch', () => {
    const delegation = delegate({ token: sold() }, {}, source);
    expect(inside(tokenOf(delegation)).caveats).toHaveLength(MINTED.length + 1);
    expect(delegation).toMatchObject({ expiresAtMs: NOW_MS + LIFE_MS });
  });

  const widens = (detail: string) => ({
    ok: false,
    code: 'DELEGATION_WIDENS',
    message: expect.stringContaining(detail),
  });

  it.each<[string, DelegationLimits, DelegationLimits, string]>([
    ['more calls than were bought', {}, { uses: 11 }, 'It opens at most 10 calls.'],
    ['more calls than it was given', { uses: 3 }, { uses: 4 }, 'It opens at most 3 calls.'],
    ['more sats than were paid', {}, { maxSats: 101 }, 'It is worth at most 100 sats.'],
    ['more sats than it was given', { maxSats: 50 }, { maxSats: 51 }, 'It is worth at most 50 sats.'],
    ['a longer life', {}, { validForMs: LIFE_MS + 1 }, `It lives for ${LIFE_MS} ms more.`],
    ['a longer life than it was given', { validForMs: 1000 }, { validForMs: 1001 }, 'It lives for 1000 ms more.'],
    ['another method', { method: 'GET' }, { method: 'POST' }, 'Its method is GET.'],
    ['paths above its own', { pathPrefix: '/v1/search' }, { pathPrefix: '/v1' }, 'Its paths lie under /v1/search.'],
    ['all paths', { pathPrefix: '/v1/search' }, { pathPrefix: '/' }, 'Its paths lie under /v1/search.'],
    ['paths beside its own', { pathPrefix: '/v1/search' }, { pathPrefix: '/v1/searchx' }, 'lie under /v1/search.'],
    ['paths in another case', { pathPrefix: '/v1/search' }, { pathPrefix: '/V1/search' }, 'lie under /v1/search.'],
    ['a path that decodes twice into its own', { pathPrefix: '/v1A' }, { pathPrefix: '/v1%2541' }, 'lie under /v1A.'],
    ['a way out of its own', { pathPrefix: '/v1/a' }, { pathPrefix: '/v1%2fb' }, 'Its paths lie under /v1/a.'],
  ])('is refused where it asks for %s', (_, given, asked, detail) => {
    const parent = Object.keys(given).length === 0 ? sold() : tokenOf(narrow(sold(), given));
    expect(narrow(parent, asked)).toMatchObject(widens(detail));
  });

  it('is refused what a level further up forbids, however far up it is', () => {
    const deep = [{ uses: 5, pathPrefix: '/v1' }, { maxSats: 90 }, {}].reduce(
      (token, limits) => tokenOf(narrow(token, limits)),
      sold(),
    );
    expect(narrow(deep, { uses: 6 })).toMatchObject(widens('It opens at most 5 calls.'));
    expect(narrow(deep, { maxSats: 91 })).toMatchObject(widens('It is worth at most 90 sats.'));
    expect(narrow(deep, { pathPrefix: '/v2' })).toMatchObject(widens('Its paths lie under /v1.'));
  });

  it('reads an encoded path once, as its seller does', () => {
    const parent = tokenOf(narrow(sold(), { pathPrefix: '/v1%2541' }));
    expect(narrow(parent, { pathPrefix: '/v1%2541/deep' })).toMatchObject({ ok: true });
    expect(narrow(tokenOf(narrow(sold(), { pathPrefix: '/v1%41' })), { pathPrefix: '/v1A' })).toMatchObject({
      ok: true,
    });
  });

  it('takes all that there is, to the last call, sat and millisecond', () => {
    expect(narrow(sold(), { uses: 10, maxSats: 100, validForMs: LIFE_MS })).toMatchObject({ ok: true });
  });

  it('does not count calls where the seller counts a session', () => {
    expect(narrow(sold({ model: 'time_pass', uses: 1 }), { uses: 1000 })).toMatchObject({ ok: true });
  });

  it.each<[string, unknown]>([
    ['a misspelled name', { use: 3 }],
    ['the name of the wire format', { n_uses: 3 }],
    ['the name of nobody', JSON.parse('{"__proto__": 3}')],
    ['the name of an inherited thing', { constructor: 3 }],
    ['no calls', { uses: 0 }],
    ['fewer than no calls', { uses: -1 }],
    ['half a call', { uses: 1.5 }],
    ['calls as text', { uses: '3' }],
    ['no number', { uses: Number.NaN }],
    ['a life without end', { validForMs: Number.POSITIVE_INFINITY }],
    ['a life that is over', { validForMs: 0 }],
    ['less than one call costs', { maxSats: 9 }],
    ['a path that is none', { pathPrefix: 'v1' }],
    ['a path that leads up', { pathPrefix: '/v1/../v2' }],
    ['a path with a blank', { pathPrefix: '/v1/a b' }],
    ['a path that ends the caveat', { pathPrefix: '/v1\nuses=100' }],
    ['a path in another script', { pathPrefix: '/v1/ü' }],
    ['a path that is no text', { pathPrefix: ['/v1'] }],
    ['a method that is none', { method: 'G T' }],
    ['a method that is no text', { method: 1 }],
    ['no object', 'uses=3'],
    ['a list', [3]],
    ['nothing', null],
  ])('is refused where its limits are %s', (_, limits) => {
    const delegation = narrow(sold(), limits as DelegationLimits);
    expect(delegation).toMatchObject({ ok: false, code: 'DELEGATION_INVALID' });
  });

  it.each([
    ['nothing was announced', null, {}, 'grant'],
    ['an empty list was announced', [], {}, 'grant'],
    ['no branches are known', ['n_uses'], { uses: 1 }, 'grant'],
    ['a limit is not enforced', ['grant', 'n_uses'], { uses: 1, maxSats: 50, method: 'GET' }, 'method, max_sats'],
    ['names only look alike', ['grants', 'n_uses', 'nuses'], { uses: 1 }, 'grant'],
  ] as const)('is refused where %s', (_, announced, limits, missing) => {
    expect(narrow(sold({ announced }), limits)).toMatchObject({
      ok: false,
      code: 'DELEGATION_NOT_ANNOUNCED',
      message: expect.stringContaining(`Not announced: ${missing}.`),
    });
  });

  it('takes what was announced along to those below', () => {
    const child = tokenOf(narrow(sold({ announced: ['grant', 'n_uses'] }), { uses: 5 }));
    expect(narrow(child, { maxSats: 50 })).toMatchObject({ ok: false, code: 'DELEGATION_NOT_ANNOUNCED' });
    expect(narrow(child, { uses: 2 })).toMatchObject({ ok: true });
  });

  it('is refused of a credential that has expired', () => {
    const late = { ...source, nowMs: () => NOW_MS + LIFE_MS };
    expect(delegate(sold(), { uses: 1 }, late)).toMatchObject({ ok: false, code: 'CREDENTIAL_EXPIRED' });
    const nowhere = { ...source, nowMs: () => Number.NaN };
    expect(delegate(sold(), { uses: 1 }, nowhere)).toMatchObject({ ok: false, code: 'CREDENTIAL_EXPIRED' });
  });

  it("is refused of a format of somebody else's", () => {
    const opaque = { origin: 'https://api.example', preimageHex: PREIMAGE, announcedCaveats: ALL_CAVEATS };
    expect(narrow(writeHandedToken({ ...opaque, macaroonText: 'opaque' }), { uses: 1 })).toMatchObject({
      ok: false,
      code: 'DELEGATION_IMPOSSIBLE',
    });
    expect(narrow(sold({ more: ['lnd_capability=read'] }), { uses: 1 })).toMatchObject({
      code: 'DELEGATION_IMPOSSIBLE',
    });
  });

  it('is refused where the macaroon is full', () => {
    let token = sold();
    let last = narrow(token, { uses: 10 });
    for (let level = 0; last.ok && level < 40; level++) {
      token = last.token;
      last = narrow(token, { uses: 10 });
    }
    expect(last).toMatchObject({ ok: false, code: 'DELEGATION_IMPOSSIBLE' });
    expect(inside(token).caveats.length).toBeLessThanOrEqual(32);
  });

  it('is refused of what is no token, and never throws', () => {
    for (const token of ['', 'L402 abc:def', undefined, null, {}, { token: 3 }, 17]) {
      expect(delegate(token as string, { uses: 1 })).toMatchObject({ ok: false, code: 'CREDENTIAL_TOKEN_INVALID' });
    }
  });

  it('is never wider than its parent, whatever it is asked for', () => {
    const limits = fc.record(
      {
        method: fc.constantFrom('GET', 'POST'),
        pathPrefix: fc.constantFrom('/', '/v1', '/v1/a', '/v1/a/b', '/v2'),
        validForMs: fc.integer({ min: 1, max: 2 * LIFE_MS }),
        uses: fc.integer({ min: 1, max: 12 }),
        maxSats: fc.integer({ min: 10, max: 120 }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(limits, { minLength: 1, maxLength: 4 }), (levels) => {
        let token = sold();
        for (const level of levels) {
          const parent = inside(token);
          const delegation = narrow(token, level);
          if (!delegation.ok) continue;
          const child = inside(delegation.token);
          expect(child.isGenuine).toBe(true);
          expect(child.caveats.slice(0, parent.caveats.length)).toEqual(parent.caveats);
          if (!child.terms.ok || !parent.terms.ok) throw new Error('unreadable');
          expect(child.terms.value.effectiveExpiresAtMs).toBeLessThanOrEqual(parent.terms.value.effectiveExpiresAtMs);
          expect(delegation.expiresAtMs).toBe(child.terms.value.effectiveExpiresAtMs);
          token = delegation.token;
        }
      }),
      { numRuns: 100 },
    );
  });

  it('shows nothing of the credential where it is refused', () => {
    const token = sold();
    const refusals = [narrow(token, { uses: 11 }), narrow(`${token}x`, {}), narrow(token, { use: 1 } as never)];
    for (const refusal of refusals) {
      expect(refusal.ok).toBe(false);
      expect(JSON.stringify(refusal)).not.toContain(PREIMAGE);
      expect(JSON.stringify(refusal)).not.toContain(token.slice(25, 60));
    }
  });
});
