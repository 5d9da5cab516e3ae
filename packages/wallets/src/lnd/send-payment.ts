import { SatwayError } from '@satway/base';
import type { ExchangeResponse } from '@satway/egress';
import type { PaymentOutcome, PayRequest } from '../wallet.js';
import { asObject, checkPaymentHash, type Json, mayHaveBeenSent, parseJsonObject, walletError } from '../rest/index.js';
import { readLines } from './lines.js';
import { isCredentialRefusal, type LndErrorBody, lndErrorOf } from './lnd-error.js';
import type { LndRest } from './lnd-rest.js';
import { readPaymentLine } from './payment-line.js';

const MAX_LINE_BYTES = 256 * 1024;
const MAX_STREAM_BYTES = 8 * 1024 * 1024;
/** What a timer of the runtime can hold; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Sends one payment and follows its lines to the last.
 *
 * @throws {SatwayError} only while nothing can have been sent: `WALLET_REFUSED` for limits that are none, `WALLET_UNREACHABLE`, `WALLET_TLS_MISMATCH`, `WALLET_TIMEOUT`, `WALLET_NOT_CONFIGURED`.
 */
export async function sendPayment(rest: LndRest, request: PayRequest): Promise<PaymentOutcome> {
  checkPaymentHash(request.paymentHashHex);
  checkLimits(request);
  const response = await open(rest, request);
  if ('state' in response) return response;
  const outcome = new OutcomeReader(request);
  try {
    for await (const line of readLines(response.body, MAX_LINE_BYTES)) if (outcome.take(line)) break;
  } catch (error) {
    return outcome.final(walletError(error).message);
  }
  return outcome.final('The answer ended without a result.');
}

function checkLimits({ feeLimitMsat, timeoutMs }: PayRequest): void {
  if (Number.isSafeInteger(feeLimitMsat) && feeLimitMsat >= 0 && timeoutMs > 0) return;
  throw new SatwayError('WALLET_REFUSED', {
    detail: 'A fee limit is a whole number from 0, a time limit more than 0.',
  });
}

async function open(rest: LndRest, request: PayRequest): Promise<ExchangeResponse | PaymentOutcome> {
  try {
    return await rest.open({
      method: 'POST',
      path: '/v2/router/send',
      body: sendBody(request),
      deadlineMs: Math.min(request.timeoutMs, LONGEST_TIMER_MS),
      maxBodyBytes: MAX_STREAM_BYTES,
    });
  } catch (error) {
    const told = walletError(error);
    if (!mayHaveBeenSent(error)) throw told;
    return { state: 'unknown', detail: told.message };
  }
}

/**
 * One part, so that LND gives up within its time limit, and the fee limit always, since LND reads none as another. `cancelable` is left
 * alone: with it a lost connection ends attempts while one of them can still settle.
 */
function sendBody({ invoice, feeLimitMsat, timeoutMs }: PayRequest): Json {
  return {
    payment_request: invoice,
    fee_limit_msat: String(feeLimitMsat),
    timeout_seconds: Math.max(1, Math.ceil(Math.min(timeoutMs, LONGEST_TIMER_MS) / 1000) - 1),
    max_parts: 1,
    no_inflight_updates: false,
  };
}

/** What LND says of a request that it looks at and puts aside, before it looks for the payment hash in its records. */
const REFUSED_BEFORE_SENDING = [
  /^invoice not for current active network /,
  /^amount must be specified when paying a zero amount invoice$/,
  /^amount must not be specified when paying a non-zero amount invoice$/,
  /^checksum failed\. /,
  /^self-payments not allowed$/,
  /^proto: .*unknown field /,
];
const EXPIRED = /^invoice expired\. Valid until /;

/** Gathers what the lines prove. The first proof of success is final; a failure stands only while nothing contradicts it. */
class OutcomeReader {
  readonly #request: PayRequest;
  #outcome: PaymentOutcome | null = null;

  constructor(request: PayRequest) {
    this.#request = request;
  }

  /** @returns whether nothing that can follow matters. */
  take(line: string): boolean {
    const json = parseJsonObject(line);
    const result = asObject(json?.['result']);
    if (result !== null) return this.#takeResult(result);
    const error = lndErrorOf(json);
    this.#settleFor(error === null ? unknown('A line of the answer cannot be read.') : this.#refusal(error));
    return false;
  }

  #takeResult(result: Json): boolean {
    const line = readPaymentLine(result, this.#request.paymentHashHex);
    if (line.state === 'settled') this.#outcome = line;
    else if (line.state === 'failed') this.#settleFor(line);
    else if (line.state === 'doubtful') this.#settleFor(unknown(line.detail));
    return line.state === 'settled';
  }

  /** Two different results make neither of them certain. */
  #settleFor(outcome: PaymentOutcome): void {
    const contradicts = this.#outcome !== null && this.#outcome.state !== outcome.state;
    this.#outcome = contradicts ? unknown('LND answered in two ways.') : outcome;
  }

  /** A refusal is proof only when this hash was never sent before: LND looks at the expiry before it looks at the hash. */
  #refusal(error: LndErrorBody): PaymentOutcome {
    const { message } = error;
    const detail = `LND: ${message.slice(0, 300)}`;
    if (this.#request.mayHaveBeenSentBefore === true) return unknown(detail);
    if (EXPIRED.test(message)) return { state: 'failed', reason: 'expired', detail };
    const isRefused = isCredentialRefusal(error) || REFUSED_BEFORE_SENDING.some((pattern) => pattern.test(message));
    return isRefused ? { state: 'failed', reason: 'rejected_before_sending', detail } : unknown(detail);
  }

  final(whyNothing: string): PaymentOutcome {
    return this.#outcome ?? unknown(whyNothing);
  }
}

function unknown(detail: string): PaymentOutcome {
  return { state: 'unknown', detail };
}
