import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PaymentFailureReason, PaymentLookUp, PaymentOutcome, PayRequest, SettledPayment } from '../../wallet.js';
import { must, mustEqual } from '../promise.js';
import { askUntil } from '../waiting.js';
import { feeLimitOf, type InvoiceToPay, type PayerSubject } from './payer-subject.js';

const TIMEOUT_MS = 60_000;

/** An invoice of the counterpart; 2 sats for 10 minutes unless told otherwise. */
export function billFrom(
  { createInvoice }: PayerSubject,
  amountMsat = 2000,
  expirySeconds = 600,
): Promise<InvoiceToPay> {
  must(createInvoice !== undefined, 'This case needs somebody who issues invoices.');
  return createInvoice(amountMsat, expirySeconds);
}

export function payBill(
  subject: PayerSubject,
  bill: InvoiceToPay,
  more: Partial<PayRequest> = {},
): Promise<PaymentOutcome> {
  const { invoice, paymentHashHex, amountMsat } = bill;
  const feeLimitMsat = feeLimitOf(subject, amountMsat);
  unsettled.add(subject);
  return subject.payer.pay({ invoice, paymentHashHex, amountMsat, feeLimitMsat, timeoutMs: TIMEOUT_MS, ...more });
}

/** Pays, and takes nothing but a settled payment with its proof. */
export async function paySettled(
  subject: PayerSubject,
  bill: InvoiceToPay,
  more: Partial<PayRequest> = {},
): Promise<SettledPayment> {
  const outcome = await payBill(subject, bill, more);
  must(outcome.state === 'settled', `The payment must settle, and is ${describeOutcome(outcome)}.`);
  mustProve(outcome, bill.paymentHashHex);
  return outcome;
}

/** A settled payment is one with the preimage of the payment hash. */
export function mustProve({ preimageHex }: SettledPayment, paymentHashHex: string): void {
  const hashHex = createHash('sha256').update(Buffer.from(preimageHex, 'hex')).digest('hex');
  must(hashHex === paymentHashHex, 'The preimage of a settled payment must hash to the payment hash.');
}

/** Wallets whose books may still move, since something was sent after they were last seen at rest. */
const unsettled = new WeakSet<PayerSubject>();

/** The balance, once this wallet's books have had the time that they may take. */
export async function spendableMsat(subject: PayerSubject): Promise<number> {
  if (unsettled.has(subject)) await sleep(booksSettleWithinMs(subject));
  unsettled.delete(subject);
  return balanceMsat(subject);
}

async function balanceMsat({ payer }: PayerSubject): Promise<number> {
  return (await payer.balance()).spendableMsat;
}

function booksSettleWithinMs({ traits }: PayerSubject): number {
  return traits?.booksSettleWithinMs ?? 0;
}

/** The balance went down by exactly that much since `beforeMsat`, whatever the wallet says of payments. */
export async function mustHaveCost(subject: PayerSubject, beforeMsat: number, costMsat: number): Promise<void> {
  const slackMsat = subject.traits?.balanceInWholeSats === true ? 999 : 0;
  const fits = (wentMsat: number): boolean => Math.abs(wentMsat - costMsat) <= slackMsat;
  // That nothing went can only be seen once it could have gone.
  if (costMsat === 0) await sleep(booksSettleWithinMs(subject));
  const wentMsat = await askUntil(
    async () => beforeMsat - (await balanceMsat(subject)),
    fits,
    booksSettleWithinMs(subject),
  );
  unsettled.delete(subject);
  must(
    fits(wentMsat),
    `The balance went down by ${wentMsat} msat, and by what the wallet says of its payments it should be ${costMsat} msat.`,
  );
}

/** A payment that could not go out. */
export function mustBeRefused({ traits }: PayerSubject, outcome: PaymentOutcome, reason: PaymentFailureReason): void {
  if (outcome.state === 'unknown' && traits?.refusalsMayBeUnknown === true) return;
  must(outcome.state === 'failed', `The payment must fail, and is ${describeOutcome(outcome)}.`);
  if (traits?.failureReasonsInexact !== true) mustEqual(outcome.reason, reason, 'The reason of the failure');
}

/** A second payment of what `first` paid is never paid again; what it may be called depends on the wallet. */
export function mustBeNoSecond(
  { traits }: PayerSubject,
  second: PaymentOutcome,
  { first, mayHaveBeenSentBefore }: { readonly first: SettledPayment; readonly mayHaveBeenSentBefore: boolean },
): void {
  if (second.state === 'settled' && traits?.secondPaymentMaySaySettled === true) {
    return must(
      second.preimageHex === first.preimageHex,
      'A repeated payment must be the first one, with its preimage.',
    );
  }
  if (second.state === 'failed' && traits?.secondPaymentMaySayFailed === true && !mayHaveBeenSentBefore) return;
  must(second.state === 'unknown', `A second payment must be unknown, and is ${describeOutcome(second)}.`);
}

/** The look-up of a payment that failed; some wallets keep no record of those. */
export function mustBeFoundFailed({ traits }: PayerSubject, found: PaymentLookUp): void {
  if (found.state === 'notFound' && traits?.forgetsFailedPayments === true) return;
  mustEqual(found.state, 'failed', 'The state by look-up');
}

/** What the wallet says later of a payment that settled, the fee once its books have it. */
export async function mustTellTheSame(
  { payer, traits }: PayerSubject,
  paymentHashHex: string,
  outcome: SettledPayment,
): Promise<void> {
  const found = await askUntil(
    () => payer.lookUp(paymentHashHex),
    (answer) => answer.state === 'settled' && answer.feeMsat === outcome.feeMsat,
    traits?.booksSettleWithinMs ?? 0,
  );
  mustEqual(found, outcome, 'What is told when asked again');
}

/** For a person, without the preimage. */
function describeOutcome(outcome: PaymentOutcome): string {
  if (outcome.state === 'settled') return 'settled';
  return `${outcome.state} (${outcome.detail})`;
}
