import { fetch402 } from '@getalby/lightning-tools/402';
import { createHash } from 'node:crypto';
import {
  fetchWithL402,
  issueL402Macaroon,
  makeL402AuthenticateHeader,
  parseL402Authorization,
  verifyL402Macaroon,
} from '@getalby/lightning-tools/402/l402';
import { expect, it } from 'vitest';
import { openClient } from './support/buyer.js';
import { openShop } from './support/gateway.js';
import { type Lightning, openLightning, serveLndRest } from './support/lightning.js';
import { createRestWallet } from './support/rest-wallet.js';
import { listen } from './support/server.js';

async function openMarket() {
  const lightning = openLightning();
  const lnd = await serveLndRest(lightning.network);
  const shop = await openShop(lnd);
  const wallet = createRestWallet(lnd);
  return { lightning, shop, wallet };
}

it('@getalby/lightning-tools buys a forecast from our gateway and is served', async () => {
  const { lightning, shop, wallet } = await openMarket();
  const response = await fetchWithL402(`${shop.url}/v1/forecast/bern`, {}, { wallet });
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ path: '/v1/forecast/bern' });
  expect(response.headers.get('x-payment-outcome')).toBe('charged');
  expect(response.payment).toMatchObject({ paid: true, amountSat: 5 });
  expect(lightning.paidMsat()).toEqual([5_000]);
  expect(shop.served()).toBe(1);
});

it('@getalby/lightning-tools buys by its door for all schemes too', async () => {
  const { lightning, shop, wallet } = await openMarket();
  const response = await fetch402(`${shop.url}/v1/forecast/bern`, {}, { wallet });
  expect(response.status).toBe(200);
  expect(lightning.paidMsat()).toEqual([5_000]);
});

it('@getalby/lightning-tools posts an order', async () => {
  const { lightning, shop, wallet } = await openMarket();
  const init = { method: 'POST', body: '{"item":1}', headers: { 'content-type': 'application/json' } };
  const response = await fetchWithL402(`${shop.url}/v1/order`, init, { wallet });
  expect(response.status).toBe(200);
  expect(lightning.paidMsat()).toEqual([7_000]);
});

it('@getalby/lightning-tools uses what one payment bought three times, and is then asked to pay again', async () => {
  const { lightning, shop, wallet } = await openMarket();
  const first = await fetchWithL402(`${shop.url}/v1/tile/1`, {}, { wallet });
  const credentials = first.payment?.credentials;
  const again = async () => fetchWithL402(`${shop.url}/v1/tile/1`, {}, { wallet, ...(credentials && { credentials }) });
  const statuses = [first.status, (await again()).status, (await again()).status, (await again()).status];
  expect(statuses).toEqual([200, 200, 200, 402]);
  expect(lightning.paidMsat()).toEqual([250]);
  expect(shop.served()).toBe(3);
});

it('@getalby/lightning-tools cannot use one payment twice', async () => {
  const { lightning, shop, wallet } = await openMarket();
  const first = await fetchWithL402(`${shop.url}/v1/forecast/bern`, {}, { wallet });
  const credentials = first.payment?.credentials;
  const second = await fetchWithL402(
    `${shop.url}/v1/forecast/bern`,
    {},
    { wallet, ...(credentials && { credentials }) },
  );
  expect([first.status, second.status]).toEqual([200, 402]);
  expect(lightning.paidMsat()).toEqual([5_000]);
  expect(shop.served()).toBe(1);
});

/** A seller made of the helpers that lightning-tools gives to sellers; its token is JSON with an HMAC, no macaroon. */
async function startLightningToolsSeller({ seller }: Lightning): Promise<string> {
  const secret = 'a secret of the seller';
  return listen(async (request, response) => {
    if (await isPaid(secret, request.headers.authorization)) {
      response.writeHead(200).end('served');
      return;
    }
    const issued = await seller.issuer.create({ amountMsat: 5_000, description: 'one thing', expirySeconds: 600 });
    const token = await issueL402Macaroon(secret, issued.paymentHashHex);
    response
      .writeHead(402, { 'WWW-Authenticate': makeL402AuthenticateHeader({ token, invoice: issued.invoice }) })
      .end();
  });
}

async function isPaid(secret: string, authorization = ''): Promise<boolean> {
  const credential = parseL402Authorization(authorization);
  if (credential === null) return false;
  const { paymentHash } = await verifyL402Macaroon(secret, credential.token);
  return createHash('sha256').update(Buffer.from(credential.preimage, 'hex')).digest('hex') === paymentHash;
}

it('our client buys from a seller made with @getalby/lightning-tools', async () => {
  const lightning = openLightning();
  const url = await startLightningToolsSeller(lightning);
  const result = await openClient(lightning.buyer).tryFetch(`${url}/thing`);
  expect(result).toMatchObject({ ok: true, payment: { paidMsat: 5_000 } });
  expect(result.ok && (await result.response.text())).toBe('served');
  expect(lightning.paidMsat()).toEqual([5_000]);
});
