import { createHash } from 'node:crypto';
import { decodeInvoice } from '@satway/protocol';
import type { InvoicePayer } from '@satway/wallets';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type ApprovalRequest,
  type Approver,
  L402Client,
  type L402ClientOptions,
  type PerCallOptions,
} from '../../src/index.js';
import { openGate } from '../support/gate.js';
import { openLightning } from '../support/lightning.js';
import { startSeller } from '../support/seller.js';
import { temporaryStore } from '../temporary-store.js';

const clients: L402Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

/** A seller that asks for 5 sats, and a buyer whose wallet wants up to 2 sats for the way. */
async function setTheScene(options: Partial<L402ClientOptions> = {}) {
  const lightning = openLightning();
  const store = temporaryStore();
  const seller = await startSeller({ issuer: lightning.issuer });
  const wallet: InvoicePayer = { ...lightning.payer, feeCeilingMsat: () => 2000 };
  const client = new L402Client({ wallet, store, ...options });
  clients.push(client);
  const url = `${seller.url}/item`;
  return {
    lightning,
    store,
    client,
    url,
    buy: (perCall?: PerCallOptions, init: RequestInit = {}) => client.tryFetch(url, init, perCall),
    /** A call that others may share. */
    share: (perCall?: PerCallOptions) => client.tryFetch(url, { headers: { 'idempotency-key': 'k' } }, perCall),
  };
}

const tooDear = { ok: false, code: 'PRICE_ABOVE_LIMIT', fundsMoved: 'no' };
const denied = { ok: false, code: 'APPROVAL_DENIED', fundsMoved: 'no' };
const paid = { ok: true, payment: { paidMsat: 5000, source: 'bought' } };

describe('what one call allows', () => {
  it.each([0, 4])('is less than the price at %d sats, and nothing is paid', async (maxCostSats) => {
    const { buy, lightning } = await setTheScene();
    expect(await buy({ maxCostSats })).toMatchObject(tooDear);
    expect(lightning.payments()).toEqual([]);
  });

  it('bounds the fees as well', async () => {
    const { buy, store, lightning } = await setTheScene();
    lightning.addFault({ kind: 'stuckThenSettled' });
    void buy({ maxCostSats: 6 });
    await lightning.nextPayment();
    expect(store.journal.list()).toMatchObject([{ amountMsat: 5000, feeCeilingMsat: 1000 }]);
    lightning.resolveAll();
  });

  it('never widens what the client allows', async () => {
    const { buy, lightning } = await setTheScene({ maxPerRequestSats: 4 });
    expect(await buy({ maxCostSats: 1000, approve: () => true })).toMatchObject(tooDear);
    expect(lightning.payments()).toEqual([]);
  });

  it.each([
    [true, true, paid],
    [true, false, denied],
    [false, true, denied],
    ['yes', true, denied],
    [true, 'yes', denied],
  ])('is a yes (%s) beside the yes (%s) of the client', async (own, above, expected) => {
    const { buy } = await setTheScene({ approve: () => above as boolean });
    expect(await buy({ approve: () => own as boolean })).toMatchObject(expected);
  });

  it.each([-1, 1.5, Number.NaN, '5'])('is refused when it is no whole amount: %s', async (maxCostSats) => {
    const { buy } = await setTheScene();
    expect(await buy({ maxCostSats: maxCostSats as number })).toMatchObject({ code: 'CLIENT_OPTIONS_INVALID' });
  });

  it('does not hold for the next call', async () => {
    const { buy } = await setTheScene();
    expect(await buy({ maxCostSats: 1 })).toMatchObject(tooDear);
    expect(await buy()).toMatchObject(paid);
  });

  it('keeps an invoice that was reserved for a more generous call from being sent again', async () => {
    const { store, lightning, url } = await setTheScene();
    const deaf: InvoicePayer = { ...lightning.payer, pay: async () => ({ state: 'unknown', detail: 'no answer' }) };
    const call = async (wallet: InvoicePayer, perCall: PerCallOptions) => {
      const client = new L402Client({ wallet, store });
      const result = await client.tryFetch(url, {}, perCall);
      await client.close();
      return result;
    };
    expect(await call(deaf, {})).toMatchObject({ code: 'PAYMENT_UNKNOWN' });
    expect(await call(lightning.payer, { maxCostSats: 4 })).toMatchObject({ code: 'PAYMENT_UNKNOWN' });
    expect(lightning.payments()).toEqual([]);
    expect(await call(lightning.payer, { maxCostSats: 10 })).toMatchObject({ ok: true });
    expect(lightning.settledMsat()).toEqual([5000]);
  }, 20_000);
});

describe('what an approver is shown', () => {
  it('is the price, the most in fees, who is paid, and for which request', async () => {
    const shown: ApprovalRequest[] = [];
    const { buy, url, lightning } = await setTheScene();
    await buy(
      { maxCostSats: 6, approve: (request) => shown.push(request) > 0 },
      { method: 'POST', body: 'what I want' },
    );
    const body = createHash('sha256').update('what I want').digest('hex');
    const digest = createHash('sha256')
      .update(JSON.stringify(['POST', url, body]))
      .digest('hex');
    expect(shown).toMatchObject([
      { method: 'POST', url, amountMsat: 5000, feeCeilingMsat: 1000, requestDigestHex: digest },
    ]);
    const invoice = decodeInvoice(lightning.invoices()[0] ?? '');
    expect(shown[0]?.payeeHex).toBe(invoice.ok && invoice.value.payeeHex);
  });

  it('comes with a signal that tells when nobody waits any more', async () => {
    const { buy, lightning } = await setTheScene();
    const leaving = new AbortController();
    const told = openGate<string>();
    const approve: Approver = (_, { signal }) => {
      signal.addEventListener('abort', () => told.resolve('left'));
      leaving.abort();
      return told.promise.then(() => true);
    };
    expect(await buy({ approve }, { signal: leaving.signal })).toMatchObject({ ok: false, code: 'CALL_ABORTED' });
    expect(await told.promise).toBe('left');
    expect(lightning.payments()).toEqual([]);
  });
});

describe('callers who share one call by its Idempotency-Key', () => {
  it.each([
    ['first', [{ maxCostSats: 4 }, {}]],
    ['last', [{}, { maxCostSats: 4 }]],
  ])('are held to the strictest, who comes %s', async (_, [one, two]) => {
    const { share, lightning } = await setTheScene();
    const results = await Promise.all([share(one), share(two)]);
    expect(results).toMatchObject([tooDear, tooDear]);
    expect(lightning.payments()).toEqual([]);
  });

  it('go on without a stricter one who comes when more is reserved', async () => {
    const { share, lightning } = await setTheScene();
    lightning.addFault({ kind: 'stuckThenSettled' });
    const first = share();
    await lightning.nextPayment();
    expect(await share({ maxCostSats: 6 })).toMatchObject(tooDear);
    const fitting = share({ maxCostSats: 7 });
    lightning.resolveAll();
    expect(await Promise.all([first, fitting])).toMatchObject([paid, { ok: true }]);
    expect(lightning.settledMsat()).toEqual([5000]);
  });

  it('all have to say yes, also one who comes while another is asked', async () => {
    const { share, lightning } = await setTheScene();
    const asked = openGate<void>();
    const answer = openGate<boolean>();
    const approve = () => {
      asked.resolve();
      return answer.promise;
    };
    const first = share({ approve });
    await asked.promise;
    const second = share({ approve: () => false });
    answer.resolve(true);
    expect(await Promise.all([first, second])).toMatchObject([denied, denied]);
    expect(lightning.payments()).toEqual([]);
  });

  it('do not take in one who wants to be asked when it is too late to ask', async () => {
    const { share, lightning } = await setTheScene();
    lightning.addFault({ kind: 'stuckThenSettled' });
    const first = share();
    await lightning.nextPayment();
    expect(await share({ approve: () => true })).toMatchObject({ ok: false, code: 'PURCHASE_UNDER_WAY' });
    lightning.resolveAll();
    expect(await first).toMatchObject(paid);
  });
});
