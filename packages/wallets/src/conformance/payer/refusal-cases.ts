import type { BitcoinNetwork } from '../../wallet.js';
import { type ConformanceCase, defineCase } from '../conformance-case.js';
import { must, mustEqual } from '../promise.js';
import { letTimePass } from '../waiting.js';
import { billFrom, mustBeFoundFailed, mustBeRefused, mustHaveCost, payBill, spendableMsat } from './payer-steps.js';
import type { PayerSubject } from './payer-subject.js';
import { unpayableInvoice } from './unpayable-invoice.js';

const UNKNOWN_HASH = '5b'.repeat(32);
/** Clocks of other machines differ, and a test may have set its own forward. */
const SLACK_MS = 120_000;

/** Pays what cannot be paid, and looks at the balance before and after. */
async function payInVain(subject: PayerSubject, attempt: () => Promise<void>): Promise<void> {
  const before = await spendableMsat(subject);
  await attempt();
  await mustHaveCost(subject, before, 0);
}

const foreignTo = (network: BitcoinNetwork): BitcoinNetwork => (network === 'bitcoin' ? 'testnet' : 'bitcoin');

/** What is refused without cost, by a wallet that has nobody to pay. */
export const refusalsWithoutPayee: readonly ConformanceCase<PayerSubject>[] = [
  defineCase('names itself and its network', {}, async ({ payer, network }) => {
    must(/^\S{8,}$/.test(payer.identity), 'The identity must be a word of at least 8 letters.');
    mustEqual(payer.network, network, 'The network');
  }),

  defineCase('says how much a fee can be at most', {}, async ({ payer }) => {
    for (const amountMsat of [1, 1000, 250_000, 1_000_000_000]) {
      const ceiling = payer.feeCeilingMsat(amountMsat) ?? 0;
      must(Number.isSafeInteger(ceiling) && ceiling >= 0, 'The ceiling must be a whole number of millisatoshis.');
    }
  }),

  defineCase('tells a balance in whole millisatoshis', {}, async ({ payer }) => {
    const { spendableMsat: balance } = await payer.balance();
    must(Number.isSafeInteger(balance) && balance >= 0, 'The balance must be a whole number, not below zero.');
  }),

  defineCase('has no record of a hash that it never sent, and tells its own time with that', {}, async ({ payer }) => {
    const found = await payer.lookUp(UNKNOWN_HASH);
    must(found.state === 'notFound', `The look-up must say notFound, and says ${found.state}.`);
    const apart = Math.abs((found.walletNowMs ?? Date.now()) - Date.now());
    must(apart < SLACK_MS, `The wallet's clock must agree with this machine's, and is ${apart} ms away.`);
  }),

  defineCase('finds a hash whatever letters its base64 has', {}, async ({ payer }) => {
    for (const paymentHashHex of ['ff'.repeat(32), 'fb'.repeat(32), '00'.repeat(32)]) {
      mustEqual((await payer.lookUp(paymentHashHex)).state, 'notFound', 'The state by look-up');
    }
  }),

  defineCase('fails for what is no invoice, and for one of another network', { sendsMsat: [1000, 1000] }, (subject) =>
    payInVain(subject, async () => {
      const garbage = { invoice: 'lnbcrt1qqqqqq', paymentHashHex: UNKNOWN_HASH, amountMsat: 1000 };
      mustBeRefused(subject, await payBill(subject, garbage), 'rejected_before_sending');
      const foreign = unpayableInvoice({ network: foreignTo(subject.network), amountMsat: 1000 });
      mustBeRefused(subject, await payBill(subject, foreign), 'rejected_before_sending');
    }),
  ),

  defineCase('fails for an invoice without an amount, whatever the caller says', { sendsMsat: [1000] }, (subject) =>
    payInVain(subject, async () => {
      const amountless = unpayableInvoice({ network: subject.network, amountMsat: 1000, amountless: true });
      mustBeRefused(subject, await payBill(subject, amountless), 'rejected_before_sending');
    }),
  ),

  defineCase('fails for an invoice over more than the caller says', { sendsMsat: [2000] }, (subject) =>
    payInVain(subject, async () => {
      const dearer = unpayableInvoice({ network: subject.network, amountMsat: 2000 });
      mustBeRefused(subject, await payBill(subject, { ...dearer, amountMsat: 1000 }), 'rejected_before_sending');
    }),
  ),

  defineCase('fails for an invoice with another payment hash than the caller says', { sendsMsat: [1000] }, (subject) =>
    payInVain(subject, async () => {
      const bill = unpayableInvoice({ network: subject.network, amountMsat: 1000 });
      const { paymentHashHex } = unpayableInvoice({ network: subject.network, amountMsat: 1000 });
      mustBeRefused(subject, await payBill(subject, { ...bill, paymentHashHex }), 'rejected_before_sending');
    }),
  ),

  defineCase('fails for an invoice that had expired before it was sent', { sendsMsat: [1000] }, (subject) =>
    payInVain(subject, async () => {
      const expired = unpayableInvoice({ network: subject.network, amountMsat: 1000, ageSeconds: 900 });
      mustBeRefused(subject, await payBill(subject, expired), 'expired');
    }),
  ),

  defineCase('fails for a payee that nobody can reach', { sendsMsat: [1000] }, (subject) =>
    payInVain(subject, async () => {
      const lost = unpayableInvoice({ network: subject.network, amountMsat: 1000 });
      mustBeRefused(subject, await payBill(subject, lost), 'no_route');
    }),
  ),

  defineCase('says of a failure on record that another program may have made it', { sendsMsat: [1000] }, (subject) =>
    payInVain(subject, async () => {
      const lost = unpayableInvoice({ network: subject.network, amountMsat: 1000 });
      await payBill(subject, lost);
      const found = await subject.payer.lookUp(lost.paymentHashHex);
      mustBeFoundFailed(subject, found);
      // No wallet known keeps apart whose request a record is of; one taken for ours would end a payment that is still to come.
      const isSaid = found.state !== 'failed' || found.mayBeOfAnother === true;
      must(isSaid, 'A failure that is looked up must say that another program may have made it.');
    }),
  ),
];

/** What is refused of a payee that is there. */
export const refusalsOfPayee: readonly ConformanceCase<PayerSubject>[] = [
  defineCase(
    'fails when the payee has cancelled, without cost',
    { needs: ['counterpart', 'cancel'], sendsMsat: [2000] },
    async (subject) => {
      const bill = await billFrom(subject);
      must(subject.cancelInvoice !== undefined, 'This case needs somebody who cancels.');
      await subject.cancelInvoice(bill.paymentHashHex);
      await payInVain(subject, async () => {
        mustBeRefused(subject, await payBill(subject, bill), 'incorrect_payment_details');
        mustBeFoundFailed(subject, await subject.payer.lookUp(bill.paymentHashHex));
      });
    },
  ),

  defineCase(
    'fails when the balance is too small',
    { needs: ['counterpart'], sendsMsat: async (subject) => [await tooMuch(subject)] },
    async (subject) => {
      const bill = await billFrom(subject, await tooMuch(subject));
      await payInVain(subject, async () =>
        mustBeRefused(subject, await payBill(subject, bill), 'insufficient_balance'),
      );
    },
  ),

  defineCase(
    'fails for an expired invoice that was never sent, and knows nothing of one that may have been',
    { needs: ['counterpart'], sendsMsat: [1000, 1000] },
    async (subject) => {
      const bill = await billFrom(subject, 1000, 1);
      await letTimePass(subject, 2500);
      await payInVain(subject, async () => {
        mustBeRefused(subject, await payBill(subject, bill), 'expired');
        const again = await payBill(subject, bill, { mayHaveBeenSentBefore: true });
        mustEqual(again.state, 'unknown', 'The outcome of one that may have been sent before');
      });
    },
  ),
];

/** A thousand satoshis more than there is, whole satoshis. */
async function tooMuch(subject: PayerSubject): Promise<number> {
  return Math.ceil((await spendableMsat(subject)) / 1000) * 1000 + 1_000_000;
}
