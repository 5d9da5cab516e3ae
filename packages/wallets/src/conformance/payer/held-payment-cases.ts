import { type ConformanceCase, defineCase } from '../conformance-case.js';
import { must, mustEqual } from '../promise.js';
import { mustBeFoundFailed, mustHaveCost, mustProve, payBill, spendableMsat } from './payer-steps.js';
import type { InvoiceToPay, PayerSubject } from './payer-subject.js';

/** Short, since it must pass. */
const TIME_LIMIT_MS = 1500;

/** Somebody who can keep a payment in flight, and end it. */
interface Holder {
  /** Pays an invoice that is held, until the time limit. */
  payUntilTimeLimit(amountMsat: number): Promise<InvoiceToPay>;
  resolve(paymentHashHex: string, as: 'settled' | 'failed'): Promise<void>;
}

function holderOf(subject: PayerSubject): Holder {
  const { hold } = subject;
  must(hold !== undefined, 'This case needs somebody who can hold a payment.');
  return {
    async payUntilTimeLimit(amountMsat) {
      const bill = await hold.createInvoice(amountMsat);
      const outcome = await payBill(subject, bill, { timeoutMs: TIME_LIMIT_MS });
      mustEqual(outcome.state, 'unknown', 'The outcome at the time limit');
      return bill;
    },
    resolve: (paymentHashHex, as) => hold.resolve(paymentHashHex, as),
  };
}

function findsInFlight(ending: 'settled' | 'failed'): ConformanceCase<PayerSubject> {
  const name = `answers unknown at its time limit, finds the payment in flight, and later ${ending}`;
  return defineCase(name, { needs: ['hold'], sendsMsat: [5000, 5000] }, async (subject) => {
    const before = await spendableMsat(subject);
    const holder = holderOf(subject);
    const bill = await holder.payUntilTimeLimit(5000);
    mustEqual(await subject.payer.lookUp(bill.paymentHashHex), { state: 'inFlight' }, 'What is told of it in flight');
    const again = await payBill(subject, bill, { timeoutMs: TIME_LIMIT_MS, mayHaveBeenSentBefore: true });
    mustEqual(again.state, 'unknown', 'The outcome of sending it again');
    await holder.resolve(bill.paymentHashHex, ending);
    const found = await subject.payer.lookUp(bill.paymentHashHex);
    if (ending === 'failed') mustBeFoundFailed(subject, found);
    else must(found.state === 'settled', `The look-up must say settled, and says ${found.state}.`);
    if (found.state === 'settled') mustProve(found, bill.paymentHashHex);
    await mustHaveCost(subject, before, found.state === 'settled' ? found.amountMsat + found.feeMsat : 0);
  });
}

/** What a payer says of money that is neither gone nor back. */
export const heldPaymentCases: readonly ConformanceCase<PayerSubject>[] = [
  findsInFlight('settled'),
  findsInFlight('failed'),

  defineCase(
    'tells the truth about a second try of an invoice that failed',
    { needs: ['hold'], sendsMsat: [6000, 6000] },
    async (subject) => {
      const before = await spendableMsat(subject);
      const holder = holderOf(subject);
      const bill = await holder.payUntilTimeLimit(6000);
      await holder.resolve(bill.paymentHashHex, 'failed');
      const second = await payBill(subject, bill);
      const mayBeUnknown = subject.traits?.failedInvoiceCannotBeRetried === true;
      must(second.state !== 'unknown' || mayBeUnknown, 'The second try must settle or fail.');
      if (second.state === 'settled') mustProve(second, bill.paymentHashHex);
      await mustHaveCost(subject, before, second.state === 'settled' ? second.amountMsat + second.feeMsat : 0);
    },
  ),
];
