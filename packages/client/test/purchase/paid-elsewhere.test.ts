import { SatwayError } from '@satway/base';
import type { InvoicePayer } from '@satway/wallets';
import { afterEach, describe, expect, it } from 'vitest';
import { L402Client, type L402ClientOptions, type PaidElsewhere } from '../../src/index.js';
import { openLightning } from '../support/lightning.js';
import { startSeller } from '../support/seller.js';
import { temporaryStore } from '../temporary-store.js';

const clients: L402Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

async function setTheScene() {
  const lightning = openLightning();
  const store = temporaryStore();
  const seller = await startSeller({ issuer: lightning.issuer });
  const buyWith = (wallet: InvoicePayer, options: Partial<L402ClientOptions> = {}) => {
    const clock = { nowMs: Date.now, sleep: (waitMs: number, signal?: AbortSignal) => passTime(waitMs, signal) };
    const client = new L402Client({ wallet, store, clock, ...options });
    clients.push(client);
    return client.tryFetch(`${seller.url}/item`);
  };
  return { lightning, store, buyWith };
}

/** No wait is long, but that for the wallet. */
const passTime = (waitMs: number, signal?: AbortSignal): Promise<void> =>
  waitMs < 60_000 ? Promise.resolve() : new Promise((resolve) => signal?.addEventListener('abort', () => resolve()));

const byHand: PaidElsewhere = { detail: 'A person pays it.', fundsMoved: 'unknown' };
const reused = (fundsMoved: string) => ({ ok: false, code: 'PAYMENT_HASH_REUSED', fundsMoved });

describe('an invoice that something else pays from the same wallet', () => {
  it.each(['unknown', 'yes'] as const)('is not sent, costs nothing, and the error says so (%s)', async (fundsMoved) => {
    const { lightning, store, buyWith } = await setTheScene();
    expect(await buyWith(lightning.payer, { paidElsewhere: () => ({ ...byHand, fundsMoved }) })).toMatchObject(
      reused(fundsMoved),
    );
    expect(lightning.payments()).toEqual([]);
    expect(store.journal.list()).toMatchObject([{ state: 'failed', failure: 'PAYMENT_HASH_REUSED', ownerId: null }]);
    expect(store.budgets.state('default')).toMatchObject({ reservedMsat: 0, spentMsat: 0 });
  });

  it('is asked for once the purchase is on disk as one that is sent, with its hash', async () => {
    const { lightning, store, buyWith } = await setTheScene();
    const seen: unknown[] = [];
    const paidElsewhere = (paymentHashHex: string) => {
      seen.push(store.journal.findByHash(paymentHashHex)[0]?.state);
      return null;
    };
    expect(await buyWith(lightning.payer, { paidElsewhere })).toMatchObject({ ok: true });
    expect(seen).toEqual(['sending']);
  });

  it('is not sent again either, and what was sent before stays unknown with its reservation', async () => {
    const { lightning, store, buyWith } = await setTheScene();
    const deaf = { ...lightning.payer, pay: async () => ({ state: 'unknown', detail: 'no answer' }) as const };
    expect(await buyWith(deaf)).toMatchObject({ ok: false, code: 'PAYMENT_UNKNOWN' });
    expect(await buyWith(lightning.payer, { paidElsewhere: () => byHand })).toMatchObject(reused('unknown'));
    expect(lightning.payments()).toEqual([]);
    expect(store.journal.list()).toMatchObject([{ state: 'unknown', openSendings: 1, ownerId: null }]);
    expect(store.budgets.state('default').reservedMsat).toBeGreaterThan(0);
    expect(await buyWith(lightning.payer)).toMatchObject({ ok: true, payment: { source: 'bought' } });
    expect(lightning.settledMsat()).toEqual([5000]);
  });

  it('is not sent where nobody can find out', async () => {
    const { lightning, store, buyWith } = await setTheScene();
    const paidElsewhere = () => {
      throw new SatwayError('PURCHASE_STORE_UNUSABLE');
    };
    expect(await buyWith(lightning.payer, { paidElsewhere })).toMatchObject({ code: 'PURCHASE_STORE_UNUSABLE' });
    expect(lightning.payments()).toEqual([]);
    expect(store.budgets.state('default')).toMatchObject({ reservedMsat: 0 });
  });
});
