import { createHash } from 'node:crypto';
import { SatwayError } from '@satway/base';
import type { PaymentOutcome } from '@satway/wallets';
import { describe, expect, it } from 'vitest';
import type { PurchaseStore } from '../../src/index.js';
import type { ClientContext } from '../../src/l402-client/context.js';
import { recordOutcome } from '../../src/purchase/pay.js';
import { pay } from '../support/send.js';
import { scriptedWallet } from '../support/wallets.js';
import { quoteOf, temporaryStore, valueOf } from '../temporary-store.js';

const PREIMAGE = 'ab'.repeat(32);
const HASH = createHash('sha256').update(Buffer.from(PREIMAGE, 'hex')).digest('hex');
const EXPIRES_AT_MS = 2_000_000_000_000;
const FAILED: PaymentOutcome = { state: 'failed', reason: 'no_route', detail: 'none' };
const lookedUp = (walletNowMs: number | null) => ({
  ...FAILED,
  state: 'failed' as const,
  reason: 'no_route' as const,
  detail: 'none',
  walletNowMs,
});

/** A wallet that answers one payment after the other as the list says. */
function contextWith(store: PurchaseStore, answers: readonly (PaymentOutcome | SatwayError)[]): ClientContext {
  const left = [...answers];
  const wallet = scriptedWallet({
    pay: async () => {
      const answer = left.shift() ?? FAILED;
      if (answer instanceof SatwayError) throw answer;
      return answer;
    },
  });
  const clock = { nowMs: () => EXPIRES_AT_MS - 1, sleep: () => new Promise<void>(() => undefined) };
  const parts = {
    wallet,
    store,
    clock,
    paymentTimeoutMs: 1000,
    tell: () => undefined,
    keepAlive: (work: unknown) => work,
  };
  return parts as unknown as ClientContext;
}

/** One attempt: quoted (again), reserved, sent, and what the wallet said written down. */
async function attempt(context: ClientContext): Promise<string> {
  const { journal } = context.store;
  const purchaseId = valueOf(journal.quote(quoteOf(1, { paymentHashHex: HASH })));
  valueOf(journal.reserve(purchaseId, { feeCeilingMsat: 1000, maxTotalMsat: 100_000 }));
  return sendAgain(context, purchaseId);
}

async function sendAgain(context: ClientContext, purchaseId: string): Promise<string> {
  await pay(context, purchaseOf(context, purchaseId));
  return purchaseId;
}

function purchaseOf(context: ClientContext, purchaseId: string) {
  const purchase = context.store.journal.get(purchaseId);
  if (purchase === null) throw new SatwayError('INTERNAL');
  return purchase;
}

function scene(answers: readonly (PaymentOutcome | SatwayError)[]): ClientContext {
  const store = temporaryStore();
  store.budgets.registerCap('default', 100_000);
  return contextWith(store, answers);
}

const UNKNOWN: PaymentOutcome = { state: 'unknown', detail: 'the reply was lost' };

describe('a payment hash that goes to the wallet more than once', () => {
  it('after a failure for certain may be tried again, and fails for certain again', async () => {
    const context = scene([FAILED, FAILED]);
    await attempt(context);
    const purchaseId = await attempt(context);
    expect(purchaseOf(context, purchaseId)).toMatchObject({ state: 'failed', sendCount: 2 });
    expect(context.store.budgets.state('default')).toMatchObject({ reservedMsat: 0 });
  });

  it('whose second answer was lost is not failed by the record of the first', async () => {
    const context = scene([FAILED, UNKNOWN]);
    await attempt(context);
    const purchaseId = await attempt(context);
    recordOutcome(context, purchaseOf(context, purchaseId), lookedUp(EXPIRES_AT_MS));
    expect(purchaseOf(context, purchaseId).state).toBe('unknown');
    expect(context.store.budgets.state('default').reservedMsat).toBeGreaterThan(0);
    recordOutcome(context, purchaseOf(context, purchaseId), lookedUp(EXPIRES_AT_MS + 60_001));
    expect(purchaseOf(context, purchaseId).state).toBe('failed');
  });

  it('is not failed by the answer to one request while another is open, and settles when that one does', async () => {
    const context = scene([UNKNOWN, FAILED]);
    const purchaseId = await attempt(context);
    await sendAgain(context, purchaseId);
    expect(purchaseOf(context, purchaseId)).toMatchObject({ state: 'unknown', sendCount: 2, openSendings: 2 });
    const settled = { state: 'settled', preimageHex: PREIMAGE, amountMsat: 5000, feeMsat: 0 } as const;
    recordOutcome(context, purchaseOf(context, purchaseId), settled);
    expect(purchaseOf(context, purchaseId).state).toBe('settled');
  });

  it('is not failed by a request that never left while an earlier one is open', async () => {
    const context = scene([UNKNOWN, new SatwayError('WALLET_UNREACHABLE')]);
    const purchaseId = await attempt(context);
    await sendAgain(context, purchaseId);
    expect(purchaseOf(context, purchaseId).state).toBe('unknown');
  });

  it('fails for certain when its only request never left', async () => {
    const context = scene([new SatwayError('WALLET_UNREACHABLE')]);
    expect(purchaseOf(context, await attempt(context)).state).toBe('failed');
  });
});

describe('a payment hash that other programs may hand to the same wallet', () => {
  const foreign = (walletNowMs: number | null) => ({ ...lookedUp(walletNowMs), mayBeOfAnother: true });
  const TAKEN_UP: PaymentOutcome = { state: 'unknown', detail: 'cut', seenInFlight: true, takenUp: true };

  it('whose answer was lost is not failed by a record that need not be of our request, until its invoice is dead', async () => {
    const context = scene([UNKNOWN]);
    const purchaseId = await attempt(context);
    for (const walletNowMs of [null, EXPIRES_AT_MS, EXPIRES_AT_MS + 60_000]) {
      recordOutcome(context, purchaseOf(context, purchaseId), foreign(walletNowMs));
      expect(purchaseOf(context, purchaseId)).toMatchObject({ state: 'unknown', openSendings: 1 });
      expect(context.store.budgets.state('default').reservedMsat).toBeGreaterThan(0);
    }
    recordOutcome(context, purchaseOf(context, purchaseId), foreign(EXPIRES_AT_MS + 60_001));
    expect(purchaseOf(context, purchaseId).state).toBe('failed');
  });

  it('is failed by such a record once the wallet has answered our own request, so that none lies unread', async () => {
    const context = scene([TAKEN_UP]);
    const purchaseId = await attempt(context);
    expect(purchaseOf(context, purchaseId)).toMatchObject({ state: 'unknown', sendCount: 1, openSendings: 0 });
    recordOutcome(context, purchaseOf(context, purchaseId), foreign(EXPIRES_AT_MS));
    expect(purchaseOf(context, purchaseId).state).toBe('failed');
  });

  it('is not failed by such a record where the wallet has taken up one of two requests', async () => {
    const context = scene([UNKNOWN, TAKEN_UP]);
    const purchaseId = await attempt(context);
    await sendAgain(context, purchaseId);
    expect(purchaseOf(context, purchaseId)).toMatchObject({ sendCount: 2, openSendings: 1 });
    recordOutcome(context, purchaseOf(context, purchaseId), foreign(EXPIRES_AT_MS));
    expect(purchaseOf(context, purchaseId).state).toBe('unknown');
  });

  it('asks the wallet nothing before it is paid', async () => {
    const context = scene([FAILED]);
    await attempt(context);
    expect(context.wallet).toMatchObject({ lookUps: [] });
  });
});
