import { isSatwayError, SatwayError } from '@satway/base';
import { readOwnInvoice } from '@satway/protocol';
import { checkPaymentHash, integerOf, textOf } from '../rest/index.js';
import type {
  BitcoinNetwork,
  FailedPayment,
  PaymentFailureReason,
  PaymentLookUp,
  PaymentOutcome,
  PayRequest,
  UnknownPayment,
} from '../wallet.js';
import { type MoneyQuestions, refuseWithoutMoney } from './enough-money.js';
import { lookUpPayment, nwcCost } from './look-up-payment.js';
import { type NwcService, walletWords } from './nwc-service.js';
import type { WalletReply } from './reply.js';
import { preimageOf } from './transaction.js';

/** Of the time for a payment, what the questions before it may take. */
const QUESTION_PART = 4;

/**
 * Pays one invoice, after asking whether there is money for it.
 *
 * The request carries an `expiration`, so that a wallet that comes back late does not pay what nobody waits for; since NIP-47 only says that
 * it should be ignored then, a passed deadline is unknown all the same.
 *
 * @throws {SatwayError} only while nothing has left: `WALLET_REFUSED`, `WALLET_UNREACHABLE`, `WALLET_TIMEOUT`, `WALLET_NOT_CONFIGURED`, `WALLET_ANSWER_INVALID`.
 */
export async function payInvoice(
  service: NwcService,
  network: BitcoinNetwork,
  request: PayRequest,
  questions: MoneyQuestions,
): Promise<PaymentOutcome> {
  checkPaymentHash(request.paymentHashHex);
  if (!(request.timeoutMs > 0)) throw new SatwayError('WALLET_REFUSED', { detail: 'A time limit is more than 0.' });
  const refusal = refuseUnsent(request, network);
  if (refusal !== null) return asOutcome(refusal, request);
  const startedAtMs = performance.now();
  const poverty = await askForMoney(service, request, questions);
  if (poverty !== null) return poverty;
  const leftMs = Math.max(1, request.timeoutMs - (performance.now() - startedAtMs));
  const exchange = await service.exchange('pay_invoice', { invoice: request.invoice }, leftMs);
  if (exchange.state === 'answered') {
    const isFirst = request.mayHaveBeenSentBefore !== true && exchange.copies === 1;
    return readAnswer(service, exchange.reply, request, isFirst);
  }
  if (exchange.mayHaveBeenSent) return unknown(exchange.detail);
  throw new SatwayError(exchange.code, { detail: exchange.detail });
}

/** Only of what was never sent: of what was, another answer is wanted than that there is too little now. */
function askForMoney(
  service: NwcService,
  { amountMsat, timeoutMs, mayHaveBeenSentBefore }: PayRequest,
  questions: MoneyQuestions,
): Promise<FailedPayment | null> {
  if (mayHaveBeenSentBefore === true) return Promise.resolve(null);
  const limitMs = Math.min(service.callTimeoutMs, timeoutMs / QUESTION_PART);
  return refuseWithoutMoney(service, questions, amountMsat, limitMs);
}

/** What no wallet could pay, found before anything leaves. */
function refuseUnsent(request: PayRequest, network: BitcoinNetwork): FailedPayment | null {
  const read = readOwnInvoice(request.invoice);
  if (!read.ok) return rejected('It is no invoice.');
  const { paymentHashHex, amountMsat, expiresAtMs } = read.value;
  if (read.value.network !== network) return rejected(`It is on ${read.value.network}, the wallet on ${network}.`);
  if (paymentHashHex !== request.paymentHashHex) return rejected('It has another payment hash.');
  if (amountMsat === null || amountMsat !== BigInt(request.amountMsat)) return rejected('It has another amount.');
  if (expiresAtMs > Date.now()) return null;
  return { state: 'failed', reason: 'expired', detail: 'The invoice has expired.' };
}

async function readAnswer(
  service: NwcService,
  reply: WalletReply,
  request: PayRequest,
  isFirst: boolean,
): Promise<PaymentOutcome> {
  if (!reply.ok) return isFirst ? readRefusal(service, reply, request) : unknown(`The wallet: ${walletWords(reply)}`);
  const preimageHex = preimageOf(textOf(reply.result, 'preimage'), request.paymentHashHex);
  if (preimageHex === null) return unknown('The wallet told a preimage of something else.');
  return { state: 'settled', preimageHex, ...nwcCost(integerOf(reply.result, 'fees_paid'), request.amountMsat) };
}

/**
 * Codes of NIP-47 about the connection: whatever copy of the one request they answer, no other copy fared better. They prove that a request that was sent for the
 * first time was not acted on.
 */
const OF_THE_CONNECTION: Readonly<Record<string, PaymentFailureReason>> = {
  // The connection lacks the right to it (NIP-47, error codes).
  RESTRICTED: 'rejected_before_sending',
  // No wallet stands behind our key.
  UNAUTHORIZED: 'rejected_before_sending',
  // The wallet offers no such call.
  NOT_IMPLEMENTED: 'rejected_before_sending',
  // It cannot read what is sealed like this.
  UNSUPPORTED_ENCRYPTION: 'rejected_before_sending',
};

/**
 * Codes of NIP-47 that need a record of the wallet's that says failed. A relay may bring one request twice, and NIP-47 does not ask wallets to notice: the first copy
 * sets balance or quota aside or uses up the rate, and the second is refused for want of them while the first is paid. That a wallet has no record proves nothing, as
 * some keep none of payments. `PAYMENT_FAILED` "may be due to a timeout", and what timed out may still settle; wallets also say it of an invoice that is paid already.
 *
 * Left out, and so unknown, are `INTERNAL` ("an internal error") and `OTHER`, which say nothing about when, and every code that NIP-47 does not have.
 */
const BY_THE_RECORD: Readonly<Record<string, PaymentFailureReason | null>> = {
  INSUFFICIENT_BALANCE: 'insufficient_balance',
  QUOTA_EXCEEDED: 'rejected_before_sending',
  RATE_LIMITED: 'rejected_before_sending',
  /** Its words tell. */
  PAYMENT_FAILED: null,
};

/** A refusal counts with the wallet's own record: where that shows a payment after all, nothing is certain. */
async function readRefusal(
  service: NwcService,
  refusal: { readonly code: string; readonly message: string },
  request: PayRequest,
): Promise<PaymentOutcome> {
  const detail = `The wallet: ${walletWords(refusal)}`;
  const isOfConnection = Object.hasOwn(OF_THE_CONNECTION, refusal.code);
  if (!isOfConnection && !Object.hasOwn(BY_THE_RECORD, refusal.code)) return unknown(detail);
  const recorded = await recordOf(service, request);
  if (recorded === 'settled' || recorded === 'inFlight') return { ...unknown(detail), seenInFlight: true };
  if (!isOfConnection && (recorded !== 'failed' || isOfTime(refusal.message))) return unknown(detail);
  const reason = OF_THE_CONNECTION[refusal.code] ?? BY_THE_RECORD[refusal.code] ?? reasonIn(detail);
  return { state: 'failed', reason, detail };
}

/** The service waited in vain for its node: the request may lie there yet, and the record of failure be that of another program. */
function isOfTime(message: string): boolean {
  return /time[ds]?[ _-]?out|deadline/i.test(message);
}

/** `null` where the wallet does not tell. */
async function recordOf(service: NwcService, request: PayRequest): Promise<PaymentLookUp['state'] | null> {
  const timeoutMs = Math.min(request.timeoutMs, service.callTimeoutMs);
  try {
    return (await lookUpPayment(service, request.paymentHashHex, timeoutMs)).state;
  } catch (error) {
    if (isSatwayError(error)) return null;
    throw error;
  }
}

/** Why, as far as the wallet's words tell; nothing depends on it but what a person reads. */
function reasonIn(detail: string): PaymentFailureReason {
  if (/incorrect.?payment.?details|unknown payment hash|cancel/i.test(detail)) return 'incorrect_payment_details';
  if (/no.?route|unable to find a path/i.test(detail)) return 'no_route';
  if (/insufficient.?balance/i.test(detail)) return 'insufficient_balance';
  return 'other';
}

/** A refusal proves failure only when this hash was never sent before. */
function asOutcome(failure: FailedPayment, request: PayRequest): PaymentOutcome {
  return request.mayHaveBeenSentBefore === true ? unknown(failure.detail) : failure;
}

function rejected(detail: string): FailedPayment {
  return { state: 'failed', reason: 'rejected_before_sending', detail };
}

function unknown(detail: string): UnknownPayment {
  return { state: 'unknown', detail };
}
