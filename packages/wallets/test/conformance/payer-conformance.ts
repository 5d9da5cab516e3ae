import { createHash } from 'node:crypto';
import type { BitcoinNetwork, InvoicePayer, PayRequest } from '@satway/wallets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** What a payer needs to know of an invoice. */
export interface InvoiceToPay {
  readonly invoice: string;
  /** 64 lower-case hex digits. */
  readonly paymentHashHex: string;
  readonly amountMsat: number;
}

/** A payer with some money, and somebody who sells to it. */
export interface PayerFixture {
  readonly payer: InvoicePayer;
  readonly network: BitcoinNetwork;
  /** An invoice of another node, that the payer can reach. */
  createInvoice(amountMsat: number, expirySeconds: number): Promise<InvoiceToPay>;
  cancelInvoice(paymentHashHex: string): Promise<void>;
  /** Lets so much time pass by the wallet's clock. */
  passTime(ms: number): Promise<void>;
  /** Where money can be held: an invoice whose next payment stays in flight until it is resolved. */
  readonly hold?: {
    createInvoice(amountMsat: number): Promise<InvoiceToPay>;
    resolve(paymentHashHex: string, as: 'settled' | 'failed'): Promise<void>;
  };
  close(): Promise<void>;
}

const UNKNOWN_HASH = '5b'.repeat(32);
/** The first mainnet invoice with an amount among the examples of BOLT 11. */
const MAINNET_INVOICE =
  'lnbc2500u1pvjluezsp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygspp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdq5xysxxatsyp3k7enxv4jsxqzpu9qrsgquk0rl77nj30yxdy8j9vdx85fkpmdla2087ne0xh8nhedh8w27kyke0lp53ut353s06fv3qfegext0eh0ymjpf39tuven09sam30g4vgpfna3rh';
const MAINNET_HASH = '0001020304050607080900010203040506070809000102030405060708090102';
/** Clocks of other machines differ, and a fixture may have set its own forward. */
const SLACK_MS = 120_000;

/** What every `InvoicePayer` promises; small amounts, so that it can run on real nodes. */
export function describeInvoicePayer(name: string, makeFixture: () => Promise<PayerFixture>): void {
  describe(`an invoice payer: ${name}`, () => {
    let fixture: PayerFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.close());

    const invoice = (amountMsat = 2000, expirySeconds = 600) => fixture.createInvoice(amountMsat, expirySeconds);
    const pay = (bill: InvoiceToPay, more: Partial<PayRequest> = {}) =>
      fixture.payer.pay({ ...bill, feeLimitMsat: 10_000, timeoutMs: 30_000, ...more });
    const spendable = async () => (await fixture.payer.balance()).spendableMsat;

    it('names itself and its network', () => {
      expect(fixture.payer.identity).toMatch(/^\S{8,}$/);
      expect(fixture.payer.network).toBe(fixture.network);
    });

    it('pays, proves it with the preimage, and costs what it says', async () => {
      const bill = await invoice(3000);
      const before = await spendable();
      const outcome = await pay(bill);
      expect(outcome).toMatchObject({ state: 'settled', amountMsat: 3000 });
      const settled = outcome.state === 'settled' ? outcome : null;
      expect(hashOf(settled?.preimageHex ?? '')).toBe(bill.paymentHashHex);
      expect(settled?.feeMsat).toBeLessThanOrEqual(10_000);
      expect(before - (await spendable())).toBe(3000 + (settled?.feeMsat ?? 0));
    });

    it('tells the same when asked again', async () => {
      const bill = await invoice();
      const outcome = await pay(bill);
      expect(outcome.state).toBe('settled');
      expect(await fixture.payer.lookUp(bill.paymentHashHex)).toEqual(outcome);
    });

    it('has no record of a hash that it never sent, and tells its own time with that', async () => {
      const found = await fixture.payer.lookUp(UNKNOWN_HASH);
      expect(found.state).toBe('notFound');
      const walletNowMs = found.state === 'notFound' ? found.walletNowMs : null;
      expect(Math.abs((walletNowMs ?? Date.now()) - Date.now())).toBeLessThan(SLACK_MS);
    });

    it('finds a hash whatever letters its base64 has', async () => {
      for (const paymentHashHex of ['ff'.repeat(32), 'fb'.repeat(32), '00'.repeat(32)]) {
        expect(await fixture.payer.lookUp(paymentHashHex)).toMatchObject({ state: 'notFound' });
      }
    });

    it('answers unknown to a second payment of the same invoice, which costs nothing', async () => {
      const bill = await invoice();
      expect((await pay(bill)).state).toBe('settled');
      const before = await spendable();
      if (!fixture.payer.refusesSecondPayment) return;
      expect((await pay(bill)).state).toBe('unknown');
      expect(await spendable()).toBe(before);
    });

    it('settles one of two payments of one invoice at once, and knows it for both', async () => {
      const bill = await invoice(4000);
      const before = await spendable();
      const states = (await Promise.all([pay(bill), pay(bill)])).map(({ state }) => state).sort();
      expect(states).toEqual(['settled', 'unknown']);
      const found = await fixture.payer.lookUp(bill.paymentHashHex);
      const feeMsat = found.state === 'settled' ? found.feeMsat : Number.NaN;
      expect(before - (await spendable())).toBe(4000 + feeMsat);
    });

    it('fails when the payee has cancelled, without cost', async () => {
      const bill = await invoice();
      await fixture.cancelInvoice(bill.paymentHashHex);
      const before = await spendable();
      expect(await pay(bill)).toMatchObject({ state: 'failed', reason: 'incorrect_payment_details' });
      expect(await fixture.payer.lookUp(bill.paymentHashHex)).toMatchObject({ state: 'failed' });
      expect(await spendable()).toBe(before);
    });

    it('fails when the balance is too small', async () => {
      const bill = await invoice((await spendable()) + 1_000_000);
      expect(await pay(bill)).toMatchObject({ state: 'failed', reason: 'insufficient_balance' });
    });

    it('fails for an expired invoice that was never sent, and knows nothing of one that may have been', async () => {
      const bill = await invoice(1000, 1);
      await fixture.passTime(2500);
      expect(await pay(bill)).toMatchObject({ state: 'failed', reason: 'expired' });
      expect(await pay(bill, { mayHaveBeenSentBefore: true })).toMatchObject({ state: 'unknown' });
    });

    it('says nothing about a paid invoice from its having expired since', async () => {
      const bill = await invoice(1000, 3);
      const outcome = await pay(bill);
      expect(outcome.state).toBe('settled');
      await fixture.passTime(4500);
      expect(await pay(bill, { mayHaveBeenSentBefore: true })).toMatchObject({ state: 'unknown' });
      expect(await fixture.payer.lookUp(bill.paymentHashHex)).toEqual(outcome);
    });

    it('fails for what is no invoice, and for one of another network', async () => {
      const garbage = { invoice: 'lnbcrt1qqqqqq', paymentHashHex: UNKNOWN_HASH, amountMsat: 1000 };
      expect(await pay(garbage)).toMatchObject({ state: 'failed', reason: 'rejected_before_sending' });
      const foreign = { invoice: MAINNET_INVOICE, paymentHashHex: MAINNET_HASH, amountMsat: 250_000_000 };
      if (fixture.network === 'bitcoin') return;
      expect(await pay(foreign)).toMatchObject({ state: 'failed', reason: 'rejected_before_sending' });
    });

    it.each(['settled', 'failed'] as const)(
      'answers unknown at its time limit, finds the payment in flight, and later %s',
      async (ending) => {
        if (fixture.hold === undefined) return;
        const before = await spendable();
        const bill = await fixture.hold.createInvoice(5000);
        expect((await pay(bill, { timeoutMs: 1500 })).state).toBe('unknown');
        expect(await fixture.payer.lookUp(bill.paymentHashHex)).toEqual({ state: 'inFlight' });
        expect((await pay(bill, { timeoutMs: 1500, mayHaveBeenSentBefore: true })).state).toBe('unknown');
        await fixture.hold.resolve(bill.paymentHashHex, ending);
        const found = await fixture.payer.lookUp(bill.paymentHashHex);
        expect(found.state).toBe(ending);
        const costMsat = found.state === 'settled' ? found.amountMsat + found.feeMsat : 0;
        expect(before - (await spendable())).toBe(costMsat);
      },
    );

    it('says how much a fee can be at most', () => {
      for (const amountMsat of [1, 1000, 250_000, 1_000_000_000]) {
        const ceiling = fixture.payer.feeCeilingMsat(amountMsat) ?? 0;
        expect(Number.isSafeInteger(ceiling) && ceiling >= 0).toBe(true);
      }
    });
  });
}

function hashOf(preimageHex: string): string {
  return createHash('sha256').update(Buffer.from(preimageHex, 'hex')).digest('hex');
}
