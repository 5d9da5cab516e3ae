import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BitcoinNetwork, InvoicePayer, PaymentFailureReason, PaymentOutcome, PayRequest } from '@satway/wallets';
import type { PayerTraits } from '@satway/wallets/conformance';
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
  /** Where nobody can, say so: `describeInvoicePayer(name, makeFixture, { without: ['cancel'] })`. */
  cancelInvoice?(paymentHashHex: string): Promise<void>;
  /** How this wallet differs, where it may. */
  readonly traits?: PayerTraits;
  /** Lets so much time pass by the wallet's clock; real time where left out. */
  passTime?(ms: number): Promise<void>;
  /** An invoice whose next payment stays in flight until it is resolved. Where nobody can hold one: `without: ['hold']`. */
  readonly hold?: {
    createInvoice(amountMsat: number): Promise<InvoiceToPay>;
    resolve(paymentHashHex: string, as: 'settled' | 'failed'): Promise<void>;
  };
  close(): Promise<void>;
}

/** What a fixture cannot show; the cases that need it are then not in the suite. */
export interface PayerSuiteOptions {
  readonly without?: readonly ('cancel' | 'hold')[];
}

const UNKNOWN_HASH = '5b'.repeat(32);
/** The first mainnet invoice with an amount among the examples of BOLT 11. */
const MAINNET_INVOICE =
  'lnbc2500u1pvjluezsp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygspp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdq5xysxxatsyp3k7enxv4jsxqzpu9qrsgquk0rl77nj30yxdy8j9vdx85fkpmdla2087ne0xh8nhedh8w27kyke0lp53ut353s06fv3qfegext0eh0ymjpf39tuven09sam30g4vgpfna3rh';
const MAINNET_HASH = '0001020304050607080900010203040506070809000102030405060708090102';
/** Clocks of other machines differ, and a fixture may have set its own forward. */
const SLACK_MS = 120_000;

/** What every `InvoicePayer` promises; small amounts, so that it can run on real nodes. */
export function describeInvoicePayer(
  name: string,
  makeFixture: () => Promise<PayerFixture>,
  { without = [] }: PayerSuiteOptions = {},
): void {
  describe(`an invoice payer: ${name}`, () => {
    let fixture: PayerFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.close());

    const itUnlessWithout = (what: 'cancel' | 'hold', title: string, run: () => Promise<void>) =>
      it.each(without.includes(what) ? [] : [title])('%s', run);
    const invoice = (amountMsat = 2000, expirySeconds = 600) => fixture.createInvoice(amountMsat, expirySeconds);
    const pay = (bill: InvoiceToPay, more: Partial<PayRequest> = {}) =>
      fixture.payer.pay({ ...bill, feeLimitMsat: 10_000, timeoutMs: 30_000, ...more });
    const balanceNow = async () => (await fixture.payer.balance()).spendableMsat;
    const passTime = (ms: number) => (fixture.passTime === undefined ? sleep(ms) : fixture.passTime(ms));
    /** The balance once it has stood still for as long as this wallet's books may take. */
    const spendable = async () => {
      const withinMs = fixture.traits?.booksSettleWithinMs ?? 0;
      let balance = await balanceNow();
      for (let stillSinceMs = Date.now(); Date.now() - stillSinceMs < withinMs; ) {
        await sleep(100);
        const next = await balanceNow();
        if (next !== balance) stillSinceMs = Date.now();
        balance = next;
      }
      return balance;
    };
    /** Both amounts in the wallet's own unit may be cut off. */
    const expectCost = async (before: number, costMsat: number) => {
      const slackMsat = fixture.traits?.balanceInWholeSats === true ? 999 : 0;
      expect(Math.abs(before - (await spendable()) - costMsat)).toBeLessThanOrEqual(slackMsat);
    };
    const expectRefusal = (outcome: PaymentOutcome, reason: PaymentFailureReason) => {
      if (fixture.traits?.refusalsMayBeUnknown === true && outcome.state === 'unknown') return;
      const exact = fixture.traits?.failureReasonsInexact !== true;
      expect(outcome).toMatchObject({ state: 'failed', ...(exact ? { reason } : {}) });
    };
    /** A second payment is never paid; what it may be called depends on the wallet. */
    const expectNoSecond = (second: PaymentOutcome, first: PaymentOutcome | null, mayHaveBeenSentBefore: boolean) => {
      if (second.state === 'settled' && fixture.traits?.secondPaymentMaySaySettled === true) {
        return expect(first === null || first.state !== 'settled' || first.preimageHex === second.preimageHex).toBe(
          true,
        );
      }
      if (second.state === 'failed' && fixture.traits?.secondPaymentMaySayFailed === true && !mayHaveBeenSentBefore)
        return;
      expect(second.state).toBe('unknown');
    };

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
      await expectCost(before, 3000 + (settled?.feeMsat ?? 0));
    });

    it('tells the same when asked again', async () => {
      const bill = await invoice();
      const outcome = await pay(bill);
      expect(outcome.state).toBe('settled');
      await sleep(fixture.traits?.booksSettleWithinMs ?? 0);
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
      const first = await pay(bill);
      expect(first.state).toBe('settled');
      const before = await spendable();
      if (!fixture.payer.refusesSecondPayment) return;
      for (const mayHaveBeenSentBefore of [false, true]) {
        expectNoSecond(await pay(bill, { mayHaveBeenSentBefore }), first, mayHaveBeenSentBefore);
      }
      expect(await fixture.payer.lookUp(bill.paymentHashHex)).toMatchObject({ state: 'settled' });
      await expectCost(before, 0);
    });

    it('settles one of two payments of one invoice at once, and knows it for both', async () => {
      if (!fixture.payer.refusesSecondPayment) return;
      const bill = await invoice(4000);
      const before = await spendable();
      const outcomes = await Promise.all([pay(bill), pay(bill)]);
      const paid = outcomes.find(({ state }) => state === 'settled');
      const other = outcomes.find((outcome) => outcome !== paid);
      expect(paid).toBeDefined();
      if (other !== undefined) expectNoSecond(other, paid ?? null, false);
      const found = await fixture.payer.lookUp(bill.paymentHashHex);
      const feeMsat = found.state === 'settled' ? found.feeMsat : Number.NaN;
      await expectCost(before, 4000 + feeMsat);
    });

    itUnlessWithout('cancel', 'fails when the payee has cancelled, without cost', async () => {
      const bill = await invoice();
      expect(fixture).toHaveProperty('cancelInvoice');
      await fixture.cancelInvoice?.(bill.paymentHashHex);
      const before = await spendable();
      expectRefusal(await pay(bill), 'incorrect_payment_details');
      const found = await fixture.payer.lookUp(bill.paymentHashHex);
      if (found.state !== 'notFound' || fixture.traits?.forgetsFailedPayments !== true) {
        expect(found.state).toBe('failed');
      }
      await expectCost(before, 0);
    });

    it('fails when the balance is too small', async () => {
      const before = await spendable();
      const bill = await invoice(Math.ceil(before / 1000) * 1000 + 1_000_000);
      expectRefusal(await pay(bill), 'insufficient_balance');
      await expectCost(before, 0);
    });

    it('fails for an expired invoice that was never sent, and knows nothing of one that may have been', async () => {
      const bill = await invoice(1000, 1);
      await passTime(2500);
      expectRefusal(await pay(bill), 'expired');
      expect(await pay(bill, { mayHaveBeenSentBefore: true })).toMatchObject({ state: 'unknown' });
    });

    it('says nothing about a paid invoice from its having expired since', async () => {
      const bill = await invoice(1000, 3);
      const outcome = await pay(bill);
      expect(outcome.state).toBe('settled');
      await passTime(4500);
      expectNoSecond(await pay(bill, { mayHaveBeenSentBefore: true }), outcome, true);
      expect(await fixture.payer.lookUp(bill.paymentHashHex)).toEqual(outcome);
    });

    it('fails for what is no invoice, and for one of another network', async () => {
      const garbage = { invoice: 'lnbcrt1qqqqqq', paymentHashHex: UNKNOWN_HASH, amountMsat: 1000 };
      expectRefusal(await pay(garbage), 'rejected_before_sending');
      const foreign = { invoice: MAINNET_INVOICE, paymentHashHex: MAINNET_HASH, amountMsat: 250_000_000 };
      if (fixture.network === 'bitcoin') return;
      expectRefusal(await pay(foreign), 'rejected_before_sending');
    });

    for (const ending of ['settled', 'failed'] as const) {
      itUnlessWithout(
        'hold',
        `answers unknown at its time limit, finds the payment in flight, and later ${ending}`,
        async () => {
          if (fixture.hold === undefined) throw new Error('A fixture that holds no payments says so: without: [hold].');
          const before = await spendable();
          const bill = await fixture.hold.createInvoice(5000);
          expect((await pay(bill, { timeoutMs: 1500 })).state).toBe('unknown');
          expect(await fixture.payer.lookUp(bill.paymentHashHex)).toEqual({ state: 'inFlight' });
          expect((await pay(bill, { timeoutMs: 1500, mayHaveBeenSentBefore: true })).state).toBe('unknown');
          await fixture.hold.resolve(bill.paymentHashHex, ending);
          const found = await fixture.payer.lookUp(bill.paymentHashHex);
          const forgotten = ending === 'failed' && fixture.traits?.forgetsFailedPayments === true;
          if (!forgotten || found.state !== 'notFound') expect(found.state).toBe(ending);
          const costMsat = found.state === 'settled' ? found.amountMsat + found.feeMsat : 0;
          await expectCost(before, costMsat);
        },
      );
    }

    itUnlessWithout('hold', 'tells the truth about a second try of an invoice that failed', async () => {
      if (fixture.hold === undefined) throw new Error('A fixture that holds no payments says so: without: [hold].');
      const before = await spendable();
      const bill = await fixture.hold.createInvoice(6000);
      expect((await pay(bill, { timeoutMs: 1500 })).state).toBe('unknown');
      await fixture.hold.resolve(bill.paymentHashHex, 'failed');
      const second = await pay(bill);
      if (second.state === 'unknown') expect(fixture.traits?.failedInvoiceCannotBeRetried).toBe(true);
      const costMsat = second.state === 'settled' ? second.amountMsat + second.feeMsat : 0;
      await expectCost(before, costMsat);
    });

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
