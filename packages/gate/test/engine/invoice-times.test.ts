import { checkOffer, decodeInvoice, decodeMacaroonText } from '@satway/protocol';
import type { InvoiceIssuer } from '@satway/wallets';
import { createSandboxNetwork } from '@satway/wallets/sandbox';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Decision } from '../../src/engine/index.js';
import { MAX_CREDENTIAL_LIFE_MS } from '../../src/routes/index.js';
import { FORECAST, readOffer } from './helpers.js';
import { createWorld, type World } from './world.js';

const DAY_SECONDS = 86_400;
const HOUR_MS = 3_600_000;

/** What an offer says of times, in milliseconds from `nowMs`. */
function timesOf(decision: Decision, nowMs: number) {
  const { macaroonText, invoice } = readOffer(decision);
  const decoded = decodeInvoice(invoice);
  const macaroon = decodeMacaroonText(macaroonText);
  if (!decoded.ok || !macaroon.ok) throw new TypeError('the offer cannot be read');
  const caveats = macaroon.value.macaroon.caveats.map((caveat) => Buffer.from(caveat).toString());
  const expiresAt = caveats.find((caveat) => caveat.startsWith('expires_at='))?.split('=')[1];
  const offer = { macaroonText, invoice: decoded.value, network: 'regtest', nowMs, advertisedMsat: 5_000 } as const;
  return {
    invoiceMs: decoded.value.expiresAtMs - nowMs,
    credentialMs: Number(expiresAt) - nowMs,
    isGoodForBuyers: checkOffer(offer).ok,
  };
}

/** A gate whose wallet's clock is ahead by so much (behind, where negative). */
async function worldWithClock(aheadMs: number): Promise<World> {
  let now = Date.now;
  const clock = { now: () => now() + aheadMs, after: () => () => undefined };
  const network = createSandboxNetwork({ clock });
  onTestFinished(() => network.close());
  const { issuer } = network.addNode('elsewhere');
  const world = await createWorld({ wrapIssuer: () => issuer });
  now = () => world.nowMs();
  return world;
}

describe('a wallet whose clock is off', () => {
  it.each([
    ['an hour behind', -HOUR_MS, /^The new invoice has expired.* 3[56]\d\d s before this machine/],
    ['an hour ahead', HOUR_MS, /^The new invoice is dated 3[56]\d\d s after this machine/],
  ])('%s sells nothing, and the seller is told that it is the clock', async (_, aheadMs, words) => {
    const world = await worldWithClock(aheadMs);
    const decision = await world.ask('/v1/forecast/berlin');
    expect(decision).toMatchObject({ kind: 'refuse', code: 'INVOICE_UNAVAILABLE', answer: { status: 503 } });
    const cause = { code: 'WALLET_CLOCK_OFF', detail: expect.stringMatching(words) as unknown };
    expect(world.events).toContainEqual(
      expect.objectContaining({ type: 'refused', cause: expect.objectContaining(cause) }),
    );
    expect(world.storeCalls).toEqual([]);
  });

  it.each([-240_000, 240_000])('by some minutes (%i ms) sells, and its buyers can pay', async (aheadMs) => {
    const world = await worldWithClock(aheadMs);
    const times = timesOf(await world.ask('/v1/forecast/berlin'), world.nowMs());
    expect(times).toMatchObject({ credentialMs: HOUR_MS, isGoodForBuyers: true });
  });

  it('ahead sells what is worth its price for seconds only, with a credential that outlives the invoice', async () => {
    const aheadMs = 200_000;
    const network = createSandboxNetwork({ clock: { now: () => Date.now() + aheadMs, after: () => () => undefined } });
    onTestFinished(() => network.close());
    const { issuer } = network.addNode('elsewhere');
    const world = await createWorld({
      endpoints: [{ ...FORECAST, credentialLifeMs: 30_000 }],
      wrapIssuer: () => issuer,
    });
    const times = timesOf(await world.ask('/v1/forecast/berlin'), world.nowMs());
    expect(times.isGoodForBuyers).toBe(true);
    expect(times.credentialMs).toBe(3 * times.invoiceMs);
  });
});

describe('a wallet that gives its own expiry, whatever it is asked for', () => {
  const withExpiry = (expirySeconds: number, credentialLifeMs = HOUR_MS): Promise<World> =>
    createWorld({
      endpoints: [{ ...FORECAST, credentialLifeMs }],
      wrapIssuer: (issuer: InvoiceIssuer) => ({
        network: 'regtest',
        preimageIsProof: true,
        create: (request) => issuer.create({ ...request, expirySeconds }),
        lookUp: (hash) => issuer.lookUp(hash),
      }),
    });

  it.each([601, 3_600, DAY_SECONDS, 7 * DAY_SECONDS])(
    'sells with %i seconds: the credential lives three times as long at least, and good for buyers',
    async (expirySeconds) => {
      const world = await withExpiry(expirySeconds);
      const times = timesOf(await world.ask('/v1/forecast/berlin'), world.nowMs());
      expect(times.credentialMs).toBe(Math.max(HOUR_MS, 3 * times.invoiceMs));
      expect(times.isGoodForBuyers).toBe(true);
    },
  );

  it('serves a buyer who pays in the last minute of it', async () => {
    const world = await withExpiry(3_600, 60_000);
    const { invoice, macaroonText } = readOffer(await world.ask('/v1/forecast/berlin'));
    world.advance(HOUR_MS - 60_000);
    const preimageHex = await world.pay(invoice);
    const headers = ['Authorization', `L402 ${macaroonText}:${preimageHex}`];
    expect((await world.ask('/v1/forecast/berlin', { headers })).kind).toBe('grant');
  });

  it('sells nothing where no credential could live so long', async () => {
    const longest = await withExpiry(20 * DAY_SECONDS, MAX_CREDENTIAL_LIFE_MS);
    const times = timesOf(await longest.ask('/v1/forecast/berlin'), longest.nowMs());
    expect(times).toMatchObject({ credentialMs: MAX_CREDENTIAL_LIFE_MS, isGoodForBuyers: true });
    const world = await withExpiry(21 * DAY_SECONDS);
    expect(await world.ask('/v1/forecast/berlin')).toMatchObject({ kind: 'refuse', code: 'INVOICE_UNAVAILABLE' });
    const cause = expect.objectContaining({ code: 'WALLET_ANSWER_INVALID' }) as unknown;
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'refused', cause }));
  });
});
