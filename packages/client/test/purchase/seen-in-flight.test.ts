import { createHash } from 'node:crypto';
import type { PaymentOutcome } from '@satway/wallets';
import { describe, expect, it } from 'vitest';
import type { Purchase } from '../../src/index.js';
import type { ClientContext } from '../../src/l402-client/context.js';
import { pay, payAndKeep } from '../support/send.js';
import { recordOutcome } from '../../src/purchase/pay.js';
import { resolve } from '../../src/recovery/resolve.js';
import { type Script, scriptedWallet } from '../support/wallets.js';
import { quoteOf, temporaryStore, valueOf } from '../temporary-store.js';

const PREIMAGE = 'ab'.repeat(32);
const HASH = createHash('sha256').update(Buffer.from(PREIMAGE, 'hex')).digest('hex');
const LONG_AFTER_EXPIRY_MS = 4_000_000_000_000;
const SEEN: PaymentOutcome = { state: 'unknown', detail: 'the stream broke off', seenInFlight: true };
const GONE: Script = { lookUp: async () => ({ state: 'notFound', walletNowMs: LONG_AFTER_EXPIRY_MS }) };

interface Scene {
  readonly context: ClientContext;
  readonly purchaseId: string;
  readonly purchase: () => Purchase;
  /** What goes on after whoever waited was answered. */
  readonly late: Promise<unknown>[];
}

/** @param isPatient - whether the wallet may take as long as it likes. */
function scene(script: Script, isPatient = true): Scene {
  const store = temporaryStore();
  store.budgets.registerCap('default', 100_000);
  const purchaseId = valueOf(store.journal.quote(quoteOf(1, { paymentHashHex: HASH })));
  valueOf(store.journal.reserve(purchaseId, { feeCeilingMsat: 1000, maxTotalMsat: 100_000 }));
  const late: Promise<unknown>[] = [];
  const sleep = (_ms: number, signal?: AbortSignal): Promise<void> =>
    signal !== undefined && isPatient ? new Promise(() => undefined) : Promise.resolve();
  const context = {
    wallet: scriptedWallet(script),
    store,
    clock: { nowMs: () => LONG_AFTER_EXPIRY_MS, sleep },
    paymentTimeoutMs: 1000,
    tell: () => undefined,
    keepAlive: (work: Promise<unknown>) => void late.push(work),
  } as unknown as ClientContext;
  const purchase = (): Purchase => {
    const found = store.journal.get(purchaseId);
    expect(found).not.toBeNull();
    return found as Purchase;
  };
  return { context, purchaseId, purchase, late };
}

describe('a payment of which the wallet said that it had it under way', () => {
  it('is kept in the journal as one, and never given up because its record is gone', async () => {
    const { context, purchase } = scene({ pay: async () => SEEN, ...GONE });
    await pay(context, purchase());
    expect(purchase()).toMatchObject({ state: 'unknown', seenInFlight: true });
    expect(await resolve(context, purchase())).toMatchObject({ state: 'unknown', notFound: true });
    expect(purchase().state).toBe('unknown');
  });

  it('is not given up by the look-ups that follow at once', async () => {
    const { context, purchaseId, purchase } = scene({ pay: async () => SEEN, ...GONE });
    await expect(payAndKeep(context, purchaseId)).rejects.toMatchObject({ code: 'PAYMENT_UNKNOWN' });
    expect(purchase()).toMatchObject({ state: 'unknown', seenInFlight: true });
    expect(context.store.budgets.state('default').reservedMsat).toBeGreaterThan(0);
  });

  it('is one, too, where the first look-up shows it and the second does not', async () => {
    let asked = 0;
    const { context, purchaseId, purchase } = scene({
      pay: async () => ({ state: 'unknown', detail: 'the reply was lost' }),
      lookUp: async () =>
        asked++ === 0 ? { state: 'inFlight' } : { state: 'notFound', walletNowMs: LONG_AFTER_EXPIRY_MS },
    });
    await expect(payAndKeep(context, purchaseId)).rejects.toMatchObject({ code: 'PAYMENT_UNKNOWN' });
    expect(purchase()).toMatchObject({ state: 'unknown', seenInFlight: true });
  });

  it('is one, too, where the wallet says so after nobody waits any more', async () => {
    let answer: (outcome: PaymentOutcome) => void = () => undefined;
    const { context, purchase, late, purchaseId } = scene(
      { pay: () => new Promise<PaymentOutcome>((resolvePay) => (answer = resolvePay)) },
      false,
    );
    expect(await pay(context, purchase())).toMatchObject({ state: 'unknown' });
    expect(purchase().seenInFlight).toBe(false);
    context.store.journal.park(purchaseId);
    answer(SEEN);
    await Promise.all(late);
    expect(purchase()).toMatchObject({ state: 'unknown', seenInFlight: true, ownerId: null });
  });

  it.each([
    [
      'as failed, while another request may still be paid',
      { state: 'failed', reason: 'other', detail: 'x', walletNowMs: 1 },
    ],
    [
      'as settled, with a wrong preimage',
      { state: 'settled', preimageHex: '00'.repeat(32), amountMsat: 5000, feeMsat: 0 },
    ],
  ] as const)('is one, too, where the wallet once showed a record of it: %s', async (_what, shown) => {
    const { context, purchase } = scene({ pay: async () => ({ state: 'unknown', detail: 'lost' }), ...GONE });
    await pay(context, purchase());
    await pay(context, purchase());
    recordOutcome(context, purchase(), shown);
    expect(await resolve(context, purchase())).toMatchObject({ state: 'unknown', notFound: true });
  });

  it('is given up where the wallet never had it', async () => {
    const { context, purchase } = scene({ pay: async () => ({ state: 'unknown', detail: 'lost' }), ...GONE });
    await pay(context, purchase());
    expect(await resolve(context, purchase())).toMatchObject({ state: 'failed' });
  });
});

describe('a settled payment', () => {
  it.each([-9, 0.5, Number.NaN, Number.MAX_SAFE_INTEGER])(
    'whose fee is told as %d is booked with its reserve',
    (feeMsat) => {
      const { context, purchase, purchaseId } = scene({});
      context.store.journal.startSending(purchaseId);
      recordOutcome(context, purchase(), { state: 'settled', preimageHex: PREIMAGE, amountMsat: 5000, feeMsat });
      expect(purchase()).toMatchObject({ state: 'settled', feeMsat: 1000 });
      expect(context.store.budgets.state('default')).toMatchObject({ reservedMsat: 0, spentMsat: 6000 });
    },
  );
});
