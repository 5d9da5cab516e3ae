import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SatwayError } from '@satway/base';
import { openPurchaseStore, type PaymentFacts, type PurchaseStore } from '@satway/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asOneCall } from '../../src/pay/as-one-call.js';
import { quotePurchase } from '../quoted-purchase.js';

let folder = '';
let store: PurchaseStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'satway-one-call-'));
  store = openPurchaseStore({ path: join(folder, 'purchases.db') });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const THING = { method: 'GET', url: 'https://api.example/item', body: null };
const PAID: PaymentFacts = { paymentHashHex: 'ab'.repeat(32), paidMsat: 5000, feeMsat: 0, source: 'bought' };

/** One run; tells under which key it went. */
async function run(end: SatwayError | Error | Response, payment: PaymentFacts | null = null, wallet = 'wallet-a') {
  let sentUnder: string | null = null;
  const ended = asOneCall({ store, wallet: { identity: wallet } }, THING, async (key) => {
    sentUnder = key;
    if (end instanceof Error) throw end;
    return { response: end, payment };
  });
  const error = await ended.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return { key: sentUnder, error };
}

const answer = (status: number, headers: Record<string, string> = {}) => new Response(null, { status, headers });
const lost = () => new SatwayError('ANSWER_LOST');
const free = null;

/** Each end: what a first run and one that took its key up do with the key. */
const ENDS = [
  ['too expensive', () => new SatwayError('PRICE_ABOVE_LIMIT'), free, 'let go', 'kept'],
  ['the seller is away', () => new SatwayError('EGRESS_UNREACHABLE'), free, 'let go', 'kept'],
  ['the payment is not known', () => new SatwayError('PAYMENT_UNKNOWN'), free, 'kept', 'kept'],
  ['the answer is lost', lost, free, 'kept', 'kept'],
  ['the output fails', () => new SatwayError('ANSWER_NOT_DELIVERED'), free, 'kept', 'kept'],
  ['another hand has it', () => new SatwayError('PURCHASE_UNDER_WAY'), free, 'kept', 'kept'],
  ['the store fails', () => new SatwayError('PURCHASE_STORE_FAILED'), free, 'kept', 'kept'],
  ['something breaks', () => new Error('broken'), free, 'kept', 'kept'],
  ['it is refused for good', () => new SatwayError('REDEMPTION_REFUSED'), free, 'let go', 'let go'],
  ['the credential is refused', () => new SatwayError('PAID_CREDENTIAL_REFUSED'), free, 'let go', 'let go'],
  ['200', () => answer(200), PAID, 'let go', 'let go'],
  ['200 for nothing', () => answer(200), free, 'let go', 'let go'],
  ['404, charged', () => answer(404, { 'x-payment-outcome': 'charged' }), PAID, 'let go', 'let go'],
  ['404 from a seller who tells nothing', () => answer(404), PAID, 'let go', 'let go'],
  ['404 for nothing', () => answer(404), free, 'let go', 'kept'],
  ['429, not charged', () => answer(429, { 'x-payment-outcome': 'not_charged' }), PAID, 'kept', 'kept'],
  ['409, released', () => answer(409, { 'x-payment-outcome': 'released' }), PAID, 'kept', 'kept'],
  [
    '409, charged before and not kept',
    () => answer(409, { 'x-payment-outcome': 'not_charged', 'x-payment-code': 'replay_unavailable' }),
    PAID,
    'let go',
    'let go',
  ],
  ['502', () => answer(502), PAID, 'kept', 'kept'],
] as const;

describe('the key of one call', () => {
  it.each(ENDS)('where %s', async (_title, end, payment, first, takenUp) => {
    const one = await run(end(), payment);
    const two = await run(lost());
    expect(two.key === one.key ? 'kept' : 'let go').toBe(first);
    expect((await run(end(), payment)).key).toBe(two.key);
    expect((await run(lost())).key === two.key ? 'kept' : 'let go').toBe(takenUp);
  });

  it('stays while something was bought under it, whatever the error says of money', async () => {
    const { key } = await runThatBuys(new SatwayError('WALLET_ANSWER_INVALID', { fundsMoved: 'no' }));
    expect((await run(lost())).key).toBe(key);
  });

  it('is not used with another wallet while something was bought under it', async () => {
    await runThatBuys(lost());
    const other = await run(answer(200), PAID, 'wallet-b');
    expect(other).toMatchObject({ key: null, error: { code: 'PURCHASE_OF_OTHER_WALLET', fundsMoved: 'unknown' } });
    expect((await run(answer(200), PAID)).error).toBeNull();
    expect((await run(answer(200), PAID, 'wallet-b')).error).toBeNull();
  });
});

/** A run that has quoted a purchase under its key before it ends. */
async function runThatBuys(end: SatwayError): Promise<{ key: string | null }> {
  let used: string | null = null;
  await asOneCall({ store, wallet: { identity: 'wallet-a' } }, THING, async (key) => {
    used = key;
    quotePurchase(store, 'cd'.repeat(32), key);
    throw end;
  }).catch(() => undefined);
  return { key: used };
}
