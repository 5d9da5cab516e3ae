import { type ConformanceCase, defineCase } from '../conformance-case.js';
import { must, mustEqual } from '../promise.js';
import { letTimePass } from '../waiting.js';
import {
  billFrom,
  mustBeNoSecond,
  mustHaveCost,
  mustProve,
  mustTellTheSame,
  payBill,
  paySettled,
  spendableMsat,
} from './payer-steps.js';
import { feeLimitOf, type PayerSubject } from './payer-subject.js';

/** What becomes of money that reaches somebody. */
export const paymentCases: readonly ConformanceCase<PayerSubject>[] = [
  defineCase(
    'pays, proves it with the preimage, and costs what it says',
    { needs: ['counterpart'], sendsMsat: [3000] },
    async (subject) => {
      const bill = await billFrom(subject, 3000);
      const before = await spendableMsat(subject);
      const { amountMsat, feeMsat } = await paySettled(subject, bill);
      mustEqual(amountMsat, 3000, 'The amount paid, in msat,');
      must(feeMsat >= 0 && feeMsat <= feeLimitOf(subject, 3000), 'The fee must stay within its limit.');
      await mustHaveCost(subject, before, 3000 + feeMsat);
    },
  ),

  defineCase('tells the same when asked again', { needs: ['counterpart'], sendsMsat: [2000] }, async (subject) => {
    const bill = await billFrom(subject);
    const outcome = await paySettled(subject, bill);
    await mustTellTheSame(subject, bill.paymentHashHex, outcome);
  }),

  defineCase(
    'takes no fee where the fee limit is zero, or does not pay',
    { needs: ['counterpart', 'boundsFees'], sendsMsat: [2000] },
    async (subject) => {
      const bill = await billFrom(subject);
      const before = await spendableMsat(subject);
      const outcome = await payBill(subject, bill, { feeLimitMsat: 0 });
      must(outcome.state !== 'unknown', 'The payment must settle or fail.');
      if (outcome.state === 'settled') mustEqual(outcome.feeMsat, 0, 'The fee, in msat,');
      await mustHaveCost(subject, before, outcome.state === 'settled' ? 2000 : 0);
    },
  ),

  defineCase(
    'answers unknown to a second payment of the same invoice, which costs nothing',
    { needs: ['counterpart', 'refusesSecondPayment'], sendsMsat: [2000, 2000, 2000] },
    async (subject) => {
      const bill = await billFrom(subject);
      const first = await paySettled(subject, bill);
      const before = await spendableMsat(subject);
      for (const mayHaveBeenSentBefore of [false, true]) {
        const second = await payBill(subject, bill, { mayHaveBeenSentBefore });
        mustBeNoSecond(subject, second, { first, mayHaveBeenSentBefore });
      }
      mustEqual((await subject.payer.lookUp(bill.paymentHashHex)).state, 'settled', 'The state by look-up');
      await mustHaveCost(subject, before, 0);
    },
  ),

  defineCase(
    'settles one of two payments of one invoice at once, and knows it for both',
    { needs: ['counterpart', 'refusesSecondPayment'], sendsMsat: [4000, 4000] },
    async (subject) => {
      const bill = await billFrom(subject, 4000);
      const before = await spendableMsat(subject);
      const outcomes = await Promise.all([payBill(subject, bill), payBill(subject, bill)]);
      const first = outcomes.find((outcome) => outcome.state === 'settled');
      must(first !== undefined, 'One of the two must settle.');
      mustProve(first, bill.paymentHashHex);
      for (const second of outcomes.filter((outcome) => outcome !== first)) {
        mustBeNoSecond(subject, second, { first, mayHaveBeenSentBefore: false });
      }
      const found = await subject.payer.lookUp(bill.paymentHashHex);
      must(found.state === 'settled', 'The look-up must say settled.');
      await mustHaveCost(subject, before, 4000 + found.feeMsat);
    },
  ),

  defineCase(
    'says nothing about a paid invoice from its having expired since',
    { needs: ['counterpart', 'refusesSecondPayment'], sendsMsat: [1000, 1000] },
    async (subject) => {
      const bill = await billFrom(subject, 1000, EXPIRES_WHILE_WAITING_SECONDS);
      const first = await paySettled(subject, bill);
      await letTimePass(subject, EXPIRES_WHILE_WAITING_SECONDS * 1000 + 1500);
      const before = await spendableMsat(subject);
      const second = await payBill(subject, bill, { mayHaveBeenSentBefore: true });
      mustBeNoSecond(subject, second, { first, mayHaveBeenSentBefore: true });
      await mustTellTheSame(subject, bill.paymentHashHex, first);
      await mustHaveCost(subject, before, 0);
    },
  ),
];

/** Long enough for a payment, short enough to wait for. */
const EXPIRES_WHILE_WAITING_SECONDS = 3;
