import { createMemoryClaimStore } from '@satway/gate/claim-store';
import { decodeIdentifier, decodeMacaroonText } from '@satway/protocol';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { call } from './support/http-call.js';
import { type Origin, startOrigin } from './support/origin.js';
import { openShop, type Shop } from './support/shop.js';
import { type SmallPhoenixd, startSmallPhoenixd } from './support/small-phoenixd.js';

let origin: Origin;
let phoenixd: SmallPhoenixd;
let log: string[];
beforeEach(async () => {
  log = [];
  origin = await startOrigin((_request, response) => response.end('ok'));
  phoenixd = await startSmallPhoenixd();
});
afterEach(async () => {
  await phoenixd.stop();
  await origin.close();
});

/** A shop that sold with one wallet, then runs with a phoenixd, which shows preimages of unpaid invoices to whoever may read. */
async function openShopOn(extra = ''): Promise<{ shop: Shop; headers: { authorization: string }; hash: string }> {
  const endpoints = '\n  - {id: a, method: GET, path: /a, priceSats: 5, uses: 3}';
  const shop = await openShop({ originUrl: origin.url, log, endpoints, claimStore: createMemoryClaimStore(), extra });
  onTestFinished(() => shop.close());
  const authorization = await shop.buy('/a');
  const wallet = `wallet: {kind: phoenixd, url: "${phoenixd.url}", passwordEnv: P}`;
  shop.use({ wallet, environment: { P: phoenixd.limitedPassword } });
  await shop.restart();
  return { shop, headers: { authorization }, hash: hashOf(authorization) };
}

function hashOf(authorization: string): string {
  const decoded = decodeMacaroonText(authorization.replace(/^L402 /, '').replace(/:[^:]*$/, ''));
  const identifier = decoded.ok ? decodeIdentifier(decoded.value.macaroon.identifier) : null;
  return identifier?.ok === true ? identifier.value.paymentHashHex : '';
}

const lookUps = (hash: string): number => phoenixd.calls.filter((made) => made.endsWith(hash)).length;

describe('a gateway whose wallet lets preimages be had without paying', () => {
  it('asks it before the first use of a payment, and then no more', async () => {
    const { shop, headers, hash } = await openShopOn();
    phoenixd.paidSat.set(hash, 5);
    for (let use = 0; use < 3; use += 1) expect((await call(`${shop.url}/a`, { headers })).status).toBe(200);
    expect(lookUps(hash)).toBe(1);
    expect((await call(`${shop.url}/metrics`)).body).toContain('satway_settlements_asked_total{answer="settled"} 1\n');
  });

  it.each([
    ['not paid', null, 'notFound'],
    ['paid with too little', 4, 'too_little'],
  ])(
    'refuses what is %s with 409 and no challenge, never asks the origin, and says so in log and metrics',
    async (_what, paidSat, said) => {
      const { shop, headers, hash } = await openShopOn();
      if (paidSat !== null) phoenixd.paidSat.set(hash, paidSat);
      const refused = await call(`${shop.url}/a`, { headers });
      expect(refused.status).toBe(409);
      expect(refused.headers).toMatchObject({
        'x-payment-outcome': 'not_charged',
        'x-payment-code': 'payment_not_confirmed',
        'retry-after': '5',
      });
      expect(refused.headers['www-authenticate']).toBeUndefined();
      expect(origin.seen).toEqual([]);
      expect((await call(`${shop.url}/metrics`)).body).toContain(
        `satway_settlements_asked_total{answer="${said}"} 1\n`,
      );
      const told = log.map((line) => JSON.parse(line) as Record<string, unknown>).find(({ answer }) => answer === said);
      expect(told).toMatchObject({ level: 'warn', paymentHashHex: hash });
    },
  );

  it('says 503 while it does not answer, and lets in what it had confirmed before', async () => {
    const { shop, headers, hash } = await openShopOn();
    await phoenixd.stop();
    const refused = await call(`${shop.url}/a`, { headers });
    expect([refused.status, refused.headers['x-payment-code']]).toEqual([503, 'payment_unconfirmable']);
    phoenixd.paidSat.set(hash, 5);
    await phoenixd.start();
    expect((await call(`${shop.url}/a`, { headers })).status).toBe(200);
    await phoenixd.stop();
    await shop.restart();
    expect((await call(`${shop.url}/a`, { headers })).status).toBe(200);
  });

  it('does not ask where the file says so', async () => {
    const { shop, headers, hash } = await openShopOn('confirmSettlement: false');
    expect((await call(`${shop.url}/a`, { headers })).status).toBe(200);
    expect(lookUps(hash)).toBe(0);
  });
});
