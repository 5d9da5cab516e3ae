import { createHash, randomBytes } from 'node:crypto';
import {
  encodeIdentifier,
  encodeMacaroonText,
  formatAuthorization,
  MACAROON_LOCATION,
  mintedCaveats,
  mintMacaroon,
} from '@satway/protocol';
import { describe, expect, it } from 'vitest';
import { type Ask, describeDecision, TENANT } from './helpers.js';
import { createWorld, type World } from './world.js';

type MintedTerms = Parameters<typeof mintedCaveats>[0];

const BERLIN = '/v1/forecast/berlin';

/** A credential that this gate's own key signs, for terms that it does not sell today. */
function sold(world: World, terms: Partial<MintedTerms>): readonly string[] {
  const preimage = randomBytes(32);
  const paymentHashHex = createHash('sha256').update(preimage).digest('hex');
  const tokenId = world.keyRing.newTokenId(randomBytes(28));
  const rootKey = world.keyRing.rootKey({ kind: 'l402', tenantId: TENANT.id, tokenId }, world.nowMs());
  if (rootKey === null) throw new TypeError('the signing key is unknown');
  const caveats = mintedCaveats({
    tenantSlug: TENANT.slug,
    tenantId: TENANT.id,
    endpointId: 'forecast',
    model: 'per_request',
    priceMsat: 5_000,
    uses: 1,
    mintedAtMs: world.nowMs(),
    expiresAtMs: world.nowMs() + 60_000,
    ...terms,
  });
  const identifier = encodeIdentifier({ paymentHashHex, tokenId });
  const macaroon = mintMacaroon({ rootKey, location: MACAROON_LOCATION, identifier, caveats });
  return ['Authorization', formatAuthorization(encodeMacaroonText(macaroon), preimage.toString('hex'))];
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function said(terms: Partial<MintedTerms>, target = BERLIN, ask: Ask = {}): Promise<string> {
  const world = await createWorld();
  const decision = describeDecision(await world.ask(target, { ...ask, headers: sold(world, terms) }));
  expect(world.storeCalls).toEqual(decision === 'claim' ? ['claim'] : []);
  return decision;
}

describe('a credential that this gate signed', () => {
  it('opens what it says', async () => {
    expect(await said({})).toBe('claim');
  });

  it.each<[string, Partial<MintedTerms>]>([
    ['another price model', { model: 'time_pass' }],
    ['a session to top up', { sessionId: '5d1f0c2b-3a49-4857-9665-748392a1b0cf' }],
    ['a caller’s key, which nobody proved', { pubkeyHex: 'ab'.repeat(32) }],
    ['arguments, which plain HTTP has none of', { argsSha256Hex: 'ab'.repeat(32) }],
    ['another endpoint', { endpointId: 'tile' }],
    ['a time that is over', { expiresAtMs: 1 }],
  ])('does not open it with terms of %s', async (_, terms) => {
    expect(await said(terms)).toBe('challenge');
  });

  it('opens what it says under whatever slug its seller had then: it is the id that binds', async () => {
    expect(await said({ tenantSlug: 'other' })).toBe('claim');
    expect(await said({ tenantSlug: 'other', tenantId: TENANT.id.replace('6', '7') })).toBe('challenge');
  });

  it('opens only the query that its price depended on', async () => {
    const terms = { querySha256Hex: digest('day=1') };
    expect(await said(terms, `${BERLIN}?day=1`)).toBe('claim');
    expect(await said(terms, `${BERLIN}?day=2`)).toBe('challenge');
    expect(await said(terms, BERLIN)).toBe('challenge');
  });

  it('opens only the body that its price depended on', async () => {
    const terms = { endpointId: 'submit', bodySha256Hex: digest('small') };
    expect(await said(terms, '/v1/submit', { method: 'POST', body: 'small' })).toBe('claim');
    expect(await said(terms, '/v1/submit', { method: 'POST', body: 'large' })).toBe('challenge');
  });
});
