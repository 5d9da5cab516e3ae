import { setTimeout as pause } from 'node:timers/promises';
import { SatwayError } from '@satway/base';
import { type BitcoinNetwork, decodeInvoice } from '@satway/protocol';
import { checkPaymentHash, mayHaveBeenSent, textOf, walletError } from '../rest/index.js';
import type { PaymentFailureReason, PaymentOutcome, PayRequest } from '../wallet.js';
import type { LnbitsAnswer, LnbitsConnection } from './connection.js';
import { readFeeReserve } from './fee-reserve.js';
import { detailOf } from './lnbits-error.js';
import { isFailed, type OwnRow, readOwnRow, settledPayment } from './own-row.js';

/** What a timer of the runtime can hold; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Who pays. */
export interface PayingAs {
  readonly connection: LnbitsConnection;
  readonly walletId: string;
  readonly network: BitcoinNetwork;
}

/**
 * Sends one payment, and believes only what the wallet's own row says of it afterwards. At the caller's time limit the answer is unknown while the call itself
 * goes on: LNbits pays whether or not somebody waits.
 *
 * @throws {SatwayError} only while nothing can have been sent: `WALLET_REFUSED` for limits that are none, and the codes of `InvoiceIssuer` for the question
 * of the fee reserve.
 */
export async function sendPayment(as: PayingAs, request: PayRequest): Promise<PaymentOutcome> {
  checkPaymentHash(request.paymentHashHex);
  checkLimits(request);
  // Not the clock of the day, which somebody may set.
  const endsAtMs = performance.now() + request.timeoutMs;
  const refusal = await refusalBeforeSending(as, request);
  if (refusal !== null) return asProvenBy(request, refusal);
  const leftMs = endsAtMs - performance.now();
  if (leftMs <= 0)
    throw new SatwayError('WALLET_TIMEOUT', { detail: 'The question of the fee reserve took too long.' });
  return withinTime(send(as, request, endsAtMs), leftMs);
}

function checkLimits({ feeLimitMsat, timeoutMs }: PayRequest): void {
  if (Number.isSafeInteger(feeLimitMsat) && feeLimitMsat >= 0 && timeoutMs > 0) return;
  throw new SatwayError('WALLET_REFUSED', {
    detail: 'A fee limit is a whole number from 0, a time limit more than 0.',
  });
}

/** What must not be sent at all: LNbits would pay an invoice of whatever amount and hash, and an expired one of its own instance. */
async function refusalBeforeSending(as: PayingAs, request: PayRequest): Promise<PaymentOutcome | null> {
  const decoded = decodeInvoice(request.invoice);
  if (!decoded.ok) return notSent('The invoice cannot be read.');
  const { amountMsat, paymentHashHex, network, expiresAtMs } = decoded.value;
  if (network !== as.network) return notSent(`The invoice is on ${network}.`);
  if (paymentHashHex !== request.paymentHashHex) return notSent('The invoice has another payment hash.');
  if (amountMsat !== BigInt(request.amountMsat)) return notSent('The invoice has another amount, or none.');
  return refusalByReserve(as.connection, request, expiresAtMs);
}

/** LNbits takes no fee limit, so what it may take is asked for; the answer tells its clock as well, by which an invoice expires. */
async function refusalByReserve(
  connection: LnbitsConnection,
  { invoice, feeLimitMsat, timeoutMs }: PayRequest,
  expiresAtMs: number,
): Promise<PaymentOutcome | null> {
  const deadlineMs = Math.min(timeoutMs, connection.callTimeoutMs);
  const { reserveMsat, walletNowMs } = await readFeeReserve(connection, invoice, deadlineMs);
  if (walletNowMs !== null && walletNowMs >= expiresAtMs) {
    return { state: 'failed', reason: 'expired', detail: 'The invoice has expired by the clock of LNbits.' };
  }
  if (reserveMsat <= feeLimitMsat) return null;
  return notSent(`LNbits may take ${reserveMsat} msat in fees, ${feeLimitMsat} are allowed.`);
}

async function send(as: PayingAs, request: PayRequest, endsAtMs: number): Promise<PaymentOutcome> {
  const { connection } = as;
  const deadlineMs = Math.min(Math.max(request.timeoutMs, connection.callTimeoutMs), LONGEST_TIMER_MS);
  let answer: LnbitsAnswer;
  try {
    answer = await connection.exchange('POST', '/payments', { out: true, bolt11: request.invoice }, deadlineMs);
  } catch (error) {
    const told = walletError(error);
    if (!mayHaveBeenSent(error)) throw told;
    return unknown(told.message);
  }
  return asProvenBy(request, await outcomeOf(as, request, answer, endsAtMs));
}

/** Every verdict needs the wallet's own row: a 201 can say `failed`, and a 520 `success`, of what some other request did. */
async function outcomeOf(
  as: PayingAs,
  request: PayRequest,
  answer: LnbitsAnswer,
  endsAtMs: number,
): Promise<PaymentOutcome> {
  const verdict = verdictOf(answer);
  const said = `LNbits: HTTP ${answer.status} ${detailOf(answer.json) ?? ''}`.trim();
  if (verdict === 'none') return unknown(said, isPending(answer));
  const untilMs = verdict === 'taken' ? endsAtMs : 0;
  const row = await readLastRow(as.connection, request.paymentHashHex, untilMs).catch(() => undefined);
  const saysPending = isPending(answer);
  if (row === undefined) return unknown(`${said}. What it wrote down cannot be read.`, saysPending);
  if (row === null || row.amountMsat > 0)
    return verdict === 'refused' ? failed(said, answer.status) : unknown(said, saysPending);
  if (row.walletId !== as.walletId) return unknown(said);
  if (verdict === 'refused') return outcomeOfRefused(row, request, said);
  return saysPending ? outcomeOfFollowed(row, request) : outcomeOfRow(row, request);
}

/**
 * What was pending gets its end from a record of the node, which may keep one for the hash whoever asked: while LNbits' own request lies before the node, a failure there
 * is that of another program.
 */
function outcomeOfFollowed(row: OwnRow, request: PayRequest): PaymentOutcome {
  const outcome = outcomeOfRow(row, request);
  if (outcome.state !== 'failed') return outcome;
  return unknown('The wallet’s record says failed, and need not be of this request.', true);
}

/** LNbits' own word that it has the payment; a page of somebody else's has no such field. */
function isPending({ json }: LnbitsAnswer): boolean {
  return textOf(json ?? {}, 'status') === 'pending';
}

/** What an answer claims, all of it to be held against the wallet's own row; whatever is not LNbits' own claims nothing. */
function verdictOf({ status, json }: LnbitsAnswer): 'taken' | 'refused' | 'none' {
  const said = textOf(json ?? {}, 'status') ?? '';
  if (status === 201) return TAKEN.includes(said) ? 'taken' : 'none';
  const isRefusal = REFUSALS.includes(status) || (status === 520 && said === 'failed');
  return isRefusal && detailOf(json) !== null ? 'refused' : 'none';
}

/** The row, no longer pending unless the time is up: LNbits answers a payment after five seconds, however long its node may take. */
async function readLastRow(
  connection: LnbitsConnection,
  paymentHashHex: string,
  untilMs: number,
): Promise<OwnRow | null> {
  let row = await readOwnRow(connection, paymentHashHex);
  while (row?.status === 'pending' && performance.now() + LOOK_AGAIN_MS < untilMs) {
    await pause(LOOK_AGAIN_MS);
    row = await readOwnRow(connection, paymentHashHex);
  }
  return row;
}

/** In front of LND a look-up waits for news by itself. */
const LOOK_AGAIN_MS = 500;
const TAKEN: readonly string[] = ['success', 'failed', 'pending'];
/** With one of these LNbits wrote nothing down: the row comes before the payment. */
const REFUSALS: readonly number[] = [400, 401, 403, 404];

function outcomeOfRow(row: OwnRow, { paymentHashHex, feeLimitMsat }: PayRequest): PaymentOutcome {
  if (isFailed(row, paymentHashHex)) return failed('The wallet’s record says failed.');
  const settled = settledPayment(row, paymentHashHex, () => feeLimitMsat);
  return settled ?? unknown(`The wallet’s record says ${row.status}, and proves nothing.`, true);
}

/** A success or a pending payment is that of another request for the same hash: a question to look up. */
function outcomeOfRefused(row: OwnRow, request: PayRequest, said: string): PaymentOutcome {
  return isFailed(row, request.paymentHashHex) ? failed(said) : unknown(said, true);
}

/** A refusal or failure is proof only for a hash that was never sent before; a settled payment is one whoever sent it. */
function asProvenBy(request: PayRequest, outcome: PaymentOutcome): PaymentOutcome {
  return outcome.state === 'failed' && request.mayHaveBeenSentBefore === true ? unknown(outcome.detail) : outcome;
}

const REASONS: readonly (readonly [RegExp, PaymentFailureReason])[] = [
  [/Insufficient balance\.|You must reserve at least |FAILURE_REASON_INSUFFICIENT_BALANCE/, 'insufficient_balance'],
  [/FAILURE_REASON_NO_ROUTE|Only internal invoices can be used!/, 'no_route'],
  [/FAILURE_REASON_INCORRECT_PAYMENT_DETAILS/, 'incorrect_payment_details'],
  [/FAILURE_REASON_TIMEOUT/, 'timeout'],
  [/invoice expired/i, 'expired'],
  [/not for current active network/, 'rejected_before_sending'],
];

function failed(detail: string, status = 520): PaymentOutcome {
  const known = REASONS.find(([pattern]) => pattern.test(detail))?.[1];
  const reason = known ?? (status === 520 ? 'other' : 'rejected_before_sending');
  return { state: 'failed', reason, detail };
}

function notSent(detail: string): PaymentOutcome {
  return { state: 'failed', reason: 'rejected_before_sending', detail };
}

/** @param seenInFlight - whether LNbits said of itself that it has this payment. */
function unknown(detail: string, seenInFlight = false): PaymentOutcome {
  return { state: 'unknown', detail, ...(seenInFlight ? { seenInFlight } : {}) };
}

async function withinTime(sending: Promise<PaymentOutcome>, timeoutMs: number): Promise<PaymentOutcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<PaymentOutcome>((resolve) => {
    const answer = (): void => resolve(unknown('LNbits did not answer in time.'));
    timer = setTimeout(answer, Math.min(timeoutMs, LONGEST_TIMER_MS));
  });
  // Whatever comes after the time limit is for a look-up to find.
  sending.catch(() => undefined);
  try {
    return await Promise.race([sending, late]);
  } finally {
    clearTimeout(timer);
  }
}
