import { SatwayError } from '@satway/base';
import { type BitcoinNetwork, readOwnInvoice } from '@satway/protocol';
import {
  bookableCost,
  checkPaymentHash,
  integerOf,
  isPreimageOf,
  type Json,
  mayHaveBeenSent,
  textOf,
  walletError,
} from '../rest/index.js';
import type {
  FailedPayment,
  PaymentFailureReason,
  PaymentLookUp,
  PaymentOutcome,
  PayRequest,
  UnknownPayment,
} from '../wallet.js';
import { phoenixdFeeMsat } from './fees.js';
import { lookUpOutgoing } from './outgoing-payment.js';
import type { PhoenixdApi } from './phoenixd-api.js';
import type { PhoenixdAnswer } from './phoenixd-call.js';
import { isRefusedUnread } from './phoenixd-error.js';

/** What sending needs of the payer. */
export interface PaymentSenderParts {
  readonly api: PhoenixdApi;
  readonly network: BitcoinNetwork;
  /** What phoenixd takes for a payment of so much. */
  readonly feeMsat: (amountMsat: number) => number;
  readonly clock: () => number;
}

/** What a timer of the runtime can hold; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Sends payments, one at a time for each payment hash. */
export class PaymentSender {
  readonly #parts: PaymentSenderParts;
  readonly #underWay = new Set<string>();

  constructor(parts: PaymentSenderParts) {
    this.#parts = parts;
  }

  /**
   * Sends one payment and waits for its end, which phoenixd does too.
   *
   * phoenixd checks neither expiry, nor network, nor fee limit; what fails here is not sent.
   *
   * @throws {SatwayError} only while nothing can have been sent: `WALLET_REFUSED` for limits that are none, and the codes of `InvoiceIssuer` where
   * phoenixd could not be asked about the hash.
   */
  async pay(request: PayRequest): Promise<PaymentOutcome> {
    checkPaymentHash(request.paymentHashHex);
    checkLimits(request);
    if (request.mayHaveBeenSentBefore === true)
      return unknown('It may have been sent before, so it was not sent again.');
    const refusal = this.#refuseUnsent(request);
    if (refusal !== null) return refusal;
    if (this.#underWay.has(request.paymentHashHex)) return unknown('A payment of this hash is under way.');
    this.#underWay.add(request.paymentHashHex);
    try {
      return await this.#payOnce(request);
    } finally {
      this.#underWay.delete(request.paymentHashHex);
    }
  }

  #refuseUnsent({ invoice, paymentHashHex, amountMsat, feeLimitMsat }: PayRequest): FailedPayment | null {
    const { network, feeMsat, clock } = this.#parts;
    const read = readOwnInvoice(invoice);
    if (!read.ok) return notSent('The invoice cannot be read.');
    const asked = read.value;
    if (asked.paymentHashHex !== paymentHashHex) return notSent('The invoice has another payment hash.');
    if (asked.network !== network) return notSent(`The invoice is for ${asked.network}.`);
    if (asked.amountMsat !== BigInt(amountMsat)) return notSent('The invoice is not for that amount.');
    if (asked.expiresAtMs <= clock()) return notSent('The invoice has expired.', 'expired');
    const costMsat = feeMsat(amountMsat);
    if (costMsat <= feeLimitMsat) return null;
    return notSent(`phoenixd takes ${costMsat} msat for it, more than the fee limit of ${feeLimitMsat} msat.`);
  }

  async #payOnce(request: PayRequest): Promise<PaymentOutcome> {
    const { api } = this.#parts;
    const deadlineAtMs = performance.now() + Math.min(request.timeoutMs, LONGEST_TIMER_MS);
    const leftMs = (): number => Math.max(1, deadlineAtMs - performance.now());
    const lookUp = (): Promise<PaymentLookUp> =>
      lookUpOutgoing(api, request.paymentHashHex, Math.min(leftMs(), api.callTimeoutMs));
    const before = await lookUp();
    if (before.state === 'settled' || before.state === 'inFlight')
      return unknown('phoenixd has a payment of this hash.', true);
    const answer = await this.#send(request.invoice, leftMs());
    if ('state' in answer) return answer;
    return readAnswer(answer, request, () => lookUp().catch(() => null));
  }

  /** Without `amountSat`, which would overrule the amount of the invoice. */
  async #send(invoice: string, deadlineMs: number): Promise<PhoenixdAnswer | PaymentOutcome> {
    try {
      return await this.#parts.api.exchange({ method: 'POST', path: '/payinvoice', form: { invoice }, deadlineMs });
    } catch (error) {
      const told = walletError(error);
      if (!mayHaveBeenSent(error)) throw told;
      return unknown(told.message);
    }
  }
}

function checkLimits({ amountMsat, feeLimitMsat, timeoutMs }: PayRequest): void {
  const isAmount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
  if (isAmount(amountMsat) && isAmount(feeLimitMsat) && timeoutMs > 0) return;
  throw new SatwayError('WALLET_REFUSED', {
    detail: 'An amount and a fee limit are whole numbers from 0, a time limit more than 0.',
  });
}

type AskRecord = () => Promise<PaymentLookUp | null>;

/** phoenixd answers HTTP 200 to a payment that was made, with its preimage, and to one that was not, with the reason. */
async function readAnswer(answer: PhoenixdAnswer, request: PayRequest, askRecord: AskRecord): Promise<PaymentOutcome> {
  const { status, json, text, words } = answer;
  if (isRefusedUnread(answer)) return notSent(`phoenixd: ${words(text)}`);
  if (status !== 200 || json === null) return unknown(`phoenixd answered HTTP ${status}.`);
  const preimageHex = textOf(json, 'paymentPreimage');
  const reason = textOf(json, 'reason');
  if (preimageHex !== null && isPreimageOf(preimageHex, request.paymentHashHex)) {
    return settledPayment(json, preimageHex, request, await askRecord());
  }
  if (preimageHex !== null || reason === null) return unknown('phoenixd’s answer proves nothing.');
  return failedPayment(reason, `phoenixd: ${words(reason)}`, await askRecord());
}

/** The answer has the fee in satoshis, cut off; the record has it exactly. Without the record the most that it can have been counts. */
function settledPayment(
  json: Json,
  preimageHex: string,
  { amountMsat }: PayRequest,
  record: PaymentLookUp | null,
): PaymentOutcome {
  if (record?.state === 'settled') return record;
  const feeSat = integerOf(json, 'routingFeeSat') ?? -1;
  const feeMsat = feeSat < 0 ? null : feeSat * 1000 + 999;
  const cost = bookableCost({ amountMsat, feeMsat, leastAmountMsat: amountMsat, feeCeilingMsat: phoenixdFeeMsat });
  return { state: 'settled', preimageHex, ...cost };
}

/** Reasons of a payment that phoenixd put aside before it wrote it down. */
const NEVER_WRITTEN: ReadonlySet<string> = new Set([
  'payment amount must be positive',
  'payment request features not supported',
]);

const REASONS: readonly (readonly [RegExp, PaymentFailureReason])[] = [
  [/^not enough funds/, 'insufficient_balance'],
  [/^recipient node rejected the payment$/, 'incorrect_payment_details'],
  [/^(?:the recipient was offline|recipient node is offline|liquidity issue at the recipient)/, 'no_route'],
];

/** A reason alone proves nothing about a hash: it may be that another payment of it is in flight, or made. */
function failedPayment(reason: string, detail: string, record: PaymentLookUp | null): PaymentOutcome {
  if (record?.state === 'notFound' && NEVER_WRITTEN.has(reason)) return notSent(detail);
  if (record?.state !== 'failed') {
    const seenInFlight = record?.state === 'inFlight' || record?.state === 'settled';
    // With its reason phoenixd has answered this request, which lies in its socket no more.
    return { ...unknown(detail, seenInFlight), takenUp: true };
  }
  const known = REASONS.find(([pattern]) => pattern.test(reason));
  return { state: 'failed', reason: known?.[1] ?? 'other', detail };
}

function notSent(detail: string, reason: PaymentFailureReason = 'rejected_before_sending'): FailedPayment {
  return { state: 'failed', reason, detail };
}

/** @param seenInFlight - whether phoenixd has the payment on record. */
function unknown(detail: string, seenInFlight = false): UnknownPayment {
  return { state: 'unknown', detail, ...(seenInFlight ? { seenInFlight } : {}) };
}
