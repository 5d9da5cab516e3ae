import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runSatway, type Serving, serveSatway } from '../../packages/cli/test/run-satway.js';
import { type RegtestNetwork, startRegtestNetwork } from './network/index.js';
import { bakeInvoiceMacaroon, bakePayMacaroon, payerOf } from './roles.js';

let network: RegtestNetwork;
let folder = '';
let shop = '';
let originRequests = 0;
const origin: Server = createServer((_request, response) => {
  originRequests += 1;
  response.end('the goods');
});

beforeAll(async () => {
  network = await startRegtestNetwork();
  folder = mkdtempSync(join(tmpdir(), 'satway-real-gateway-'));
  shop = join(folder, 'shop');
  origin.listen(0, '127.0.0.1');
  await once(origin, 'listening');
  await runSatway(['gateway', 'init', shop]);
  await useMacaroon(await bakeInvoiceMacaroon(network.nodes.seller));
});

afterAll(async () => {
  origin.close();
  origin.closeAllConnections();
  await network?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const config = (): string => join(shop, 'satway.yaml');

async function useMacaroon(macaroonHex: string, more = ''): Promise<void> {
  const { seller } = network.nodes;
  const { port } = origin.address() as AddressInfo;
  writeFileSync(join(shop, 'seller.macaroon'), Buffer.from(macaroonHex, 'hex'), { mode: 0o600 });
  const wallet = `{kind: lnd, url: "${seller.restUrl}", macaroonFile: ./seller.macaroon, tlsCertFile: "${seller.tlsCertPath}"}`;
  const text = readFileSync(config(), 'utf8')
    .replace(/^origin: .*$/m, `origin: http://127.0.0.1:${port}`)
    .replace(/^listen: .*$/m, 'listen: {host: 127.0.0.1, port: 0}')
    .replace(/^wallet: .*$/m, `wallet: ${wallet}`)
    .replace(/^endpoints:[\s\S]*$/m, `endpoints: [{id: goods, method: GET, path: /goods, priceSats: 7}]\n${more}`);
  writeFileSync(config(), text);
}

interface Offer {
  readonly macaroon: string;
  readonly invoice: string;
  readonly paymentHash: string;
}

async function withGateway<T>(use: (url: string) => Promise<T>): Promise<T> {
  const gateway: Serving = await serveSatway(['gateway', '--config', config(), '--json']);
  try {
    return await use(`${String(gateway.first['url'])}/goods`);
  } finally {
    await gateway.stop('SIGTERM');
  }
}

/** A call before the payment, as a caller of its own, so that nobody is offered another's invoice. */
async function askFor(url: string): Promise<Offer> {
  const answer = await fetch(url, { headers: { 'idempotency-key': crypto.randomUUID().repeat(2) } });
  expect(answer.status).toBe(402);
  return (await answer.json()) as Offer;
}

const redeem = (url: string, { macaroon }: Offer, preimageHex: string): Promise<Response> =>
  fetch(url, { headers: { authorization: `L402 ${macaroon}:${preimageHex}` } });

/** What a macaroon that may only look up invoices gets from LND before anybody has paid. */
async function leakedPreimage({ paymentHash }: Offer): Promise<string> {
  const { seller } = network.nodes;
  const macaroonHex = await seller.bakeMacaroon(['/lnrpc.Lightning/LookupInvoice'], 9);
  const answer = await seller.ask('GET', `/v1/invoice/${paymentHash}`, undefined, macaroonHex);
  const { state, r_preimage } = JSON.parse(answer.body) as { state: string; r_preimage: string };
  expect(state).toBe('OPEN');
  return Buffer.from(r_preimage, 'base64').toString('hex');
}

async function pay({ invoice, paymentHash }: Offer): Promise<string> {
  const payer = await payerOf(network.nodes.buyer);
  const request = { invoice, paymentHashHex: paymentHash, amountMsat: 7_000, feeLimitMsat: 1_000, timeoutMs: 30_000 };
  const outcome = await payer.pay(request);
  if (outcome.state !== 'settled') throw new TypeError(`the payment is ${outcome.state}`);
  return outcome.preimageHex;
}

describe('a preimage that LND shows to whoever may look up invoices', () => {
  it('opens the gateway for nothing unless settlement is confirmed', async () => {
    await withGateway(async (url) => {
      const offer = await askFor(url);
      expect((await redeem(url, offer, await leakedPreimage(offer))).status).toBe(200);
    });
    expect(originRequests).toBe(1);
  });

  it('opens nothing where it is, until the invoice is paid; a good payment is served at once', async () => {
    await useMacaroon(await bakeInvoiceMacaroon(network.nodes.seller), 'confirmSettlement: true\n');
    await withGateway(async (url) => {
      const offer = await askFor(url);
      const forged = await redeem(url, offer, await leakedPreimage(offer));
      expect(forged.status).toBe(409);
      expect(forged.headers.get('x-payment-code')).toBe('payment_not_confirmed');
      expect(forged.headers.get('www-authenticate')).toBeNull();
      expect(originRequests).toBe(1);
      const other = await askFor(url);
      expect((await redeem(url, other, await pay(other))).status).toBe(200);
      const preimageHex = await pay(offer);
      await expect.poll(async () => (await redeem(url, offer, preimageHex)).status, { timeout: 10_000 }).toBe(200);
      expect((await redeem(url, offer, preimageHex)).status).toBe(402);
    });
    expect(originRequests).toBe(3);
  });
});

describe('a gateway with a macaroon that can spend', () => {
  async function refusal(): Promise<string> {
    const { code, stderr } = await runSatway(['gateway', '--config', config(), '--json']);
    expect(code).not.toBe(0);
    expect(stderr).toContain('WALLET_TOO_POWERFUL');
    expect(stderr).toContain('lncli bakemacaroon');
    return stderr;
  }

  it('does not start, and says which powers it has and how to make the right one', async () => {
    const { seller } = network.nodes;
    await useMacaroon(await bakePayMacaroon(seller));
    expect(await refusal()).toContain('lnd can pay (');
    await useMacaroon(seller.macaroonHex());
    expect(await refusal()).toContain('lnd can pay and administer (');
  });

  it('does not start while the node is down either', async () => {
    await network.nodes.seller.stop();
    await refusal();
  });
});
