import type { InvoicePayer } from '@satway/wallets';
import { afterEach, describe, expect, it } from 'vitest';
import { type ApprovalRequest, type Clock, L402Client, type L402ClientOptions } from '../../src/index.js';
import { openGate } from '../support/gate.js';
import { openLightning } from '../support/lightning.js';
import { startSeller } from '../support/seller.js';
import { temporaryStore } from '../temporary-store.js';

const clients: L402Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

/** A clock that never waits, except for whatever would keep a payment from being waited for. */
const impatient: Clock = {
  nowMs: Date.now,
  sleep: (waitMs, signal) =>
    waitMs < 60_000 ? Promise.resolve() : new Promise((resolve) => signal?.addEventListener('abort', () => resolve())),
};

async function setTheScene() {
  const lightning = openLightning();
  const store = temporaryStore();
  const seller = await startSeller({ issuer: lightning.issuer });
  const buyWith = (wallet: InvoicePayer, options: Partial<L402ClientOptions> = {}, init: RequestInit = {}) => {
    const client = new L402Client({ wallet, store, clock: impatient, ...options });
    clients.push(client);
    return client.tryFetch(`${seller.url}/item`, init);
  };
  return { lightning, store, seller, buyWith };
}

/** Says that it does not know, and sends nothing: as when the request dies on its way to the wallet. */
function deaf(payer: InvoicePayer): InvoicePayer {
  return { ...payer, pay: async () => ({ state: 'unknown', detail: 'no answer' }) };
}

describe('a payment that never reached the wallet', () => {
  const unknown = { ok: false, code: 'PAYMENT_UNKNOWN' };

  it('is sent once more, the same invoice, when its own call comes again', async () => {
    const { lightning, store, buyWith, seller } = await setTheScene();
    expect(await buyWith(deaf(lightning.payer))).toMatchObject(unknown);
    const asked: unknown[] = [];
    const payer: InvoicePayer = {
      ...lightning.payer,
      pay: (request) => {
        asked.push(request.mayHaveBeenSentBefore);
        return lightning.payer.pay(request);
      },
    };
    expect(await buyWith(payer)).toMatchObject({ ok: true, payment: { source: 'bought', paidMsat: 5000 } });
    expect(asked).toEqual([true]);
    expect(lightning.invoices()).toHaveLength(1);
    expect(lightning.settledMsat()).toEqual([5000]);
    expect(store.budgets.state('default')).toMatchObject({ spentMsat: 5000, reservedMsat: 0 });
    expect(seller.seen).toHaveLength(2);
  });

  it('is not sent again by a wallet that might pay one hash twice', async () => {
    const { lightning, buyWith } = await setTheScene();
    const careless = { ...lightning.payer, refusesSecondPayment: false };
    expect(await buyWith(deaf(careless))).toMatchObject(unknown);
    expect(await buyWith(careless)).toMatchObject(unknown);
    expect(lightning.payments()).toEqual([]);
  });

  it('is not sent again where the wallet once had it under way and shows no record of it any more', async () => {
    const { lightning, buyWith } = await setTheScene();
    const forgetful: InvoicePayer = {
      ...lightning.payer,
      pay: async () => ({ state: 'unknown', detail: 'the stream broke off', seenInFlight: true }),
    };
    expect(await buyWith(forgetful)).toMatchObject(unknown);
    expect(await buyWith(lightning.payer)).toMatchObject(unknown);
    expect(lightning.payments()).toEqual([]);
  });

  it('is not sent again after its invoice expired', async () => {
    const { lightning, buyWith } = await setTheScene();
    await buyWith(deaf(lightning.payer));
    const later = { ...impatient, nowMs: () => Date.now() + 3_601_000 };
    expect(await buyWith(lightning.payer, { clock: later })).toMatchObject(unknown);
    expect(lightning.payments()).toEqual([]);
  });

  it('blocks another purchase of the same thing, also under another key', async () => {
    const { lightning, buyWith } = await setTheScene();
    await buyWith(deaf(lightning.payer));
    expect(await buyWith(lightning.payer, {}, { headers: { 'Idempotency-Key': 'another' } })).toMatchObject(unknown);
    expect(lightning.payments()).toEqual([]);
  });

  it('is not bought again by another wallet under the key that its caller gave it', async () => {
    const { lightning, buyWith } = await setTheScene();
    const named = { headers: { 'Idempotency-Key': 'order-1' } };
    await buyWith(deaf({ ...lightning.payer, identity: 'another wallet' }), {}, named);
    const refused = { ok: false, code: 'PURCHASE_OF_OTHER_WALLET' };
    expect(await buyWith(lightning.payer, {}, named)).toMatchObject(refused);
    expect(lightning.payments()).toEqual([]);
  });

  it('is no business of another wallet', async () => {
    const { lightning, buyWith } = await setTheScene();
    await buyWith(deaf({ ...lightning.payer, identity: 'another wallet' }));
    expect(await buyWith(lightning.payer)).toMatchObject({ ok: true, payment: { source: 'bought' } });
  });
});

describe('a wallet that hangs', () => {
  it('is given up as unknown; what it says later is written down and serves the next call', async () => {
    const { lightning, store, buyWith } = await setTheScene();
    const gate = openGate<void>();
    const recorded = openGate<void>();
    const hanging: InvoicePayer = {
      ...lightning.payer,
      pay: async (request) => {
        await gate.promise;
        return lightning.payer.pay(request);
      },
      lookUp: async () => ({ state: 'inFlight' }),
    };
    const giveUp = { ...impatient, sleep: () => Promise.resolve() };
    const onEvent: L402ClientOptions['onEvent'] = ({ type }) => {
      if (type === 'paid') recorded.resolve(undefined);
    };
    expect(await buyWith(hanging, { clock: giveUp, onEvent })).toMatchObject({ ok: false, code: 'PAYMENT_UNKNOWN' });
    gate.resolve(undefined);
    await recorded.promise;
    expect(store.journal.list()).toMatchObject([{ state: 'settled' }]);
    expect(await buyWith(lightning.payer)).toMatchObject({ ok: true, payment: { source: 'recovered' } });
    expect(lightning.settledMsat()).toEqual([5000]);
  });
});

describe('an approval', () => {
  it('is asked for the exact invoice, before anything is reserved', async () => {
    const { lightning, store, seller, buyWith } = await setTheScene();
    const asked: ApprovalRequest[] = [];
    const approve = (request: ApprovalRequest) => {
      asked.push(request);
      expect(store.budgets.state('default')).toMatchObject({ reservedMsat: 0 });
      return true;
    };
    expect(await buyWith(lightning.payer, { approve })).toMatchObject({ ok: true });
    expect(asked).toMatchObject([
      { origin: seller.url, method: 'GET', amountMsat: 5000, invoice: lightning.invoices()[0] },
    ]);
  });

  it('that comes after the invoice expired pays nothing', async () => {
    const { lightning, buyWith } = await setTheScene();
    let late = 0;
    const clock = { ...impatient, nowMs: () => Date.now() + late };
    const approve = () => {
      late = 3_601_000;
      return true;
    };
    expect(await buyWith(lightning.payer, { approve, clock })).toMatchObject({ ok: false, code: 'APPROVAL_DENIED' });
    expect(lightning.payments()).toEqual([]);
  });

  it('that is not exactly true is none', async () => {
    const { lightning, buyWith } = await setTheScene();
    const approve = () => 'yes' as unknown as boolean;
    expect(await buyWith(lightning.payer, { approve })).toMatchObject({ ok: false, code: 'APPROVAL_DENIED' });
  });
});
