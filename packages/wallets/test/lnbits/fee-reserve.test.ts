import { createEgress, type Egress } from '@satway/egress';
import { decodeInvoice } from '@satway/protocol';
import { connectLnbitsPayer } from '@satway/wallets/lnbits';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN_KEY, json, type LnbitsServer, startLnbitsServer } from './lnbits-server.js';

let egress: Egress;
let server: LnbitsServer;
beforeAll(() => {
  egress = createEgress();
});
afterAll(() => egress.close());
beforeEach(async () => {
  server = await startLnbitsServer();
});
afterEach(() => server.close());

/** An instance that reckons like LNbits: a minimum, a percentage, and perhaps a service fee that ends at a maximum. */
const reckons =
  (least: number, percent: number, service = 0, serviceMost = 0) =>
  (amountMsat: number) => {
    const serviceFee = Math.floor((amountMsat / 100) * service);
    const capped = serviceMost > 0 ? Math.min(serviceFee, serviceMost) : serviceFee;
    return Math.max(least, Math.floor((amountMsat * percent) / 100)) + capped;
  };
const serve = (reserve: (amountMsat: number) => number) => {
  server.routes.feeReserve = ({ head }) => {
    const invoice = /invoice=([a-z0-9]+)/.exec(head)?.[1] ?? '';
    const decoded = decodeInvoice(invoice);
    if (!decoded.ok) return json(500, { detail: 'Unexpected error! ID: x' });
    return json(200, { fee_reserve: reserve(Number(decoded.value.amountMsat)) });
  };
};
const connect = () => connectLnbitsPayer({ url: server.url, key: ADMIN_KEY, egress });
const AMOUNTS = [1, 1000, 21_000, 199_999, 200_001, 250_000, 3_333_333, 50_000_000, 777_777_777, 99_999_999_999];

describe('the ceiling of fees', () => {
  it.each([
    ['as it comes', 2000, 1],
    ['without a minimum', 0, 1],
    ['without a percentage', 5000, 0],
    ['without either', 0, 0],
    ['with a fraction of a percent', 1000, 0.1],
  ])('is what an instance sets aside, to some millisatoshis: %s', async (_, least, percent) => {
    const reserve = reckons(least, percent);
    serve(reserve);
    const payer = await connect();
    for (const amountMsat of AMOUNTS) {
      const ceiling = payer.feeCeilingMsat(amountMsat) ?? Number.NaN;
      expect(Number.isSafeInteger(ceiling)).toBe(true);
      expect(ceiling).toBeGreaterThanOrEqual(reserve(amountMsat));
      expect(ceiling - reserve(amountMsat)).toBeLessThanOrEqual(Math.max(10, amountMsat * 1e-8));
    }
  });

  it.each([
    ['everywhere', 2000, 1, 2, 0],
    ['up to a maximum', 2000, 1, 2, 100_000],
    ['with a low maximum', 2000, 1, 10, 5000],
    ['without anything else', 0, 0, 0.5, 0],
  ])('is enough for an instance that takes a service fee %s', async (_, least, percent, service, most) => {
    const reserve = reckons(least, percent, service, most);
    serve(reserve);
    const payer = await connect();
    for (const amountMsat of AMOUNTS.filter((amount) => amount <= 1_000_000_000)) {
      expect(payer.feeCeilingMsat(amountMsat), `${amountMsat}`).toBeGreaterThanOrEqual(reserve(amountMsat));
    }
  });

  it('is learned with invoices of nobody, each with a hash of its own, and creates nothing', async () => {
    serve(reckons(2000, 1));
    await connect();
    const asked = server
      .asked('feeReserve')
      .map(({ head }) => decodeInvoice(/invoice=([a-z0-9]+)/.exec(head)?.[1] ?? ''));
    expect(asked.every(({ ok }) => ok)).toBe(true);
    expect(new Set(asked.map((each) => (each.ok ? each.value.paymentHashHex : ''))).size).toBe(asked.length);
    expect(server.asked('post')).toEqual([]);
  });

  it('is needed to connect', async () => {
    server.routes.feeReserve = () => json(404, { detail: 'Not Found' });
    await expect(connect()).rejects.toMatchObject({ code: 'WALLET_REFUSED', fundsMoved: 'no' });
    server.routes.feeReserve = () => json(503, { fee_reserve: 0 });
    await expect(connect()).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID', fundsMoved: 'no' });
  });
});
