import { SatwayError } from '@satway/base';
import type { InvoicePayer, PaymentOutcome, PayRequest } from '@satway/wallets';
import { createSandboxNetwork, type SandboxNetwork } from '@satway/wallets/sandbox';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SpendingLimit } from '../../src/conformance/run/spending-limit.js';

let network: SandboxNetwork;
let payer: InvoicePayer;
beforeEach(() => {
  network = createSandboxNetwork();
  payer = network.addNode('mine', { balanceMsat: 1_000_000 }).payer;
  network.addNode('other');
});
afterEach(() => network.close());

async function bill(amountMsat: number, feeLimitMsat = 0): Promise<PayRequest> {
  const { issuer } = network.node('other');
  const issued = await issuer.create({ amountMsat, description: 'one call', expirySeconds: 60 });
  return { ...issued, feeLimitMsat, timeoutMs: 100 };
}
const goneMsat = async () => 1_000_000 - (await payer.balance()).spendableMsat;
const limitReached = { code: 'WALLET_SPENDING_LIMIT', fundsMoved: 'no' };

describe('a spending limit', () => {
  it('lets a payment out that fits with its fee, and sends nothing that does not', async () => {
    const limit = new SpendingLimit(5000);
    const guarded = limit.guard(payer);
    await expect(guarded.pay(await bill(5000, 1))).rejects.toMatchObject(limitReached);
    expect(await goneMsat()).toBe(0);
    expect((await guarded.pay(await bill(4000, 1000))).state).toBe('settled');
    expect(await limit.bookCase(null)).toBe(4000);
    expect(limit.leftMsat).toBe(1000);
  });

  it('goes by the amount in the invoice, whatever its issuer says', async () => {
    const limit = new SpendingLimit(5000);
    await expect(limit.guard(payer).pay({ ...(await bill(5001)), amountMsat: 1 })).rejects.toMatchObject(limitReached);
    expect(await goneMsat()).toBe(0);
  });

  it('counts what is under way: of two payments at once that pass it together, one is sent', async () => {
    const guarded = new SpendingLimit(5000).guard(payer);
    const bills = [await bill(3000), await bill(3000)];
    const ends = await Promise.allSettled(bills.map((request) => guarded.pay(request)));
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await goneMsat()).toBe(3000);
  });

  it('keeps what nobody knows the end of, and gives back what failed', async () => {
    const limit = new SpendingLimit(10_000);
    const guarded = limit.guard(payer);
    network.addFault('mine', { kind: 'stuckThenSettled' });
    const stuck = await bill(4000, 500);
    expect((await guarded.pay(stuck)).state).toBe('unknown');
    expect((await guarded.pay(await bill(2_000_000, 0)).catch(() => null))?.state).toBeUndefined();
    expect(await limit.bookCase(0)).toBe(0);
    expect(limit.leftMsat).toBe(5500);
    network.cancelInvoice('other', stuck.paymentHashHex);
    const cancelled = await bill(5000);
    network.cancelInvoice('other', cancelled.paymentHashHex);
    expect((await guarded.pay(cancelled)).state).toBe('failed');
    expect(await limit.bookCase(0)).toBe(0);
    expect(limit.leftMsat).toBe(5500);
  });

  it('books what the balance says where the wallet says less, and what the wallet says where it tells no balance', async () => {
    const limit = new SpendingLimit(10_000);
    await limit.guard(payer).pay(await bill(1000));
    expect(await limit.bookCase(1700)).toBe(1700);
    await limit.guard(payer).pay(await bill(1000));
    expect(await limit.bookCase(null)).toBe(1000);
    expect({ spent: limit.spentMsat, left: limit.leftMsat }).toEqual({ spent: 2700, left: 7300 });
  });

  it.each([
    ['gives back what a wallet threw at before it sent', new SatwayError('WALLET_UNREACHABLE'), 5000],
    ['keeps what a wallet threw at that broke', new Error('broken'), 0],
    ['keeps what may have been sent', new SatwayError('INTERNAL'), 0],
    [
      'keeps what a wallet threw at once the request may have left',
      new SatwayError('WALLET_TIMEOUT', { facts: { requestMayHaveBeenSent: true } }),
      0,
    ],
  ])('%s, at once and after the case', async (_what, thrown, leftMsat) => {
    const limit = new SpendingLimit(5000);
    const pay = (): Promise<PaymentOutcome> => Promise.reject(thrown);
    const guarded = limit.guard(Object.create(payer, { pay: { value: pay } }) as InvoicePayer);
    await expect(guarded.pay(await bill(5000))).rejects.toBe(thrown);
    expect(limit.leftMsat).toBe(leftMsat);
    expect(await limit.bookCase(null)).toBe(0);
    expect(limit.leftMsat).toBe(leftMsat);
  });

  it('gives room for twice the amount where a wallet cannot bound its fees', async () => {
    const unbounded = Object.create(payer, { feeCeilingMsat: { value: () => null } }) as InvoicePayer;
    const guarded = new SpendingLimit(5000, { allowUnboundedFees: true }).guard(unbounded);
    await expect(guarded.pay(await bill(2501))).rejects.toMatchObject(limitReached);
    expect((await guarded.pay(await bill(2500))).state).toBe('settled');
  });

  it('lets no wallet pay that cannot bound its fees, unless that is allowed', async () => {
    const unbounded = Object.create(payer, { feeCeilingMsat: { value: () => null } }) as InvoicePayer;
    const guarded = new SpendingLimit(1_000_000).guard(unbounded);
    await expect(guarded.pay(await bill(1))).rejects.toMatchObject(limitReached);
    expect(await goneMsat()).toBe(0);
  });

  it('sends nothing more once a payment cost more than it could, as told by the payment or by the balance', async () => {
    const dear = async (request: PayRequest): Promise<PaymentOutcome> => {
      const outcome = await payer.pay(request);
      return outcome.state === 'settled' ? { ...outcome, feeMsat: 501 } : outcome;
    };
    const told = new SpendingLimit(100_000).guard(Object.create(payer, { pay: { value: dear } }) as InvoicePayer);
    await told.pay(await bill(1000, 500));
    await expect(told.pay(await bill(1))).rejects.toMatchObject(limitReached);
    const limit = new SpendingLimit(100_000);
    const honest = limit.guard(payer);
    await honest.pay(await bill(1000, 500));
    await limit.bookCase(2499);
    await honest.pay(await bill(1000));
    await limit.bookCase(2000);
    await expect(honest.pay(await bill(1))).rejects.toMatchObject(limitReached);
  });

  it('is never passed by any row of payments, whatever becomes of them', async () => {
    const step = fc.record({
      amountMsat: fc.integer({ min: 1, max: 4000 }),
      feeLimitMsat: fc.integer({ min: 0, max: 500 }),
      fault: fc.constantFrom(null, 'replyLost', 'stuckThenSettled', 'wrongPreimage'),
      ends: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 12_000 }),
        fc.array(step, { maxLength: 8 }),
        async (limitMsat, steps) => {
          const before = await goneMsat();
          const limit = new SpendingLimit(limitMsat);
          const guarded = limit.guard(payer);
          const sent: string[] = [];
          for (const { amountMsat, feeLimitMsat, fault, ends } of steps) {
            const request = { ...(await bill(amountMsat, feeLimitMsat)), timeoutMs: 1 };
            if (fault !== null) network.addFault('mine', { kind: fault });
            const outcome = await guarded.pay(request).catch(() => null);
            if (outcome === null && fault !== null) await payer.pay({ ...(await bill(1)), timeoutMs: 1 });
            if (outcome !== null) sent.push(request.paymentHashHex);
            if (ends) await limit.bookCase(null);
          }
          for (const hash of sent) network.resolve(hash, 'settled');
          const faultsBurnt = steps.length;
          expect((await goneMsat()) - before).toBeLessThanOrEqual(limitMsat + faultsBurnt);
        },
      ),
      { numRuns: 50 },
    );
  });
});
