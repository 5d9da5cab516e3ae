import type { PaymentOutcome, PayRequest } from '../../wallet.js';
import { asObject, type Json, parseJsonObject, textOf } from '../../rest/index.js';
import { isOnRecord, type LndErrorBody, lndErrorOf, PERMISSION_DENIED, wordsOf } from '../lnd-error.js';
import { readPaymentLine } from './payment-line.js';
import { outcomeOfRefusal, unknown } from './pre-flight.js';

const IN_TWO_WAYS = 'LND answered in two ways.';

/** The macaroon may not make this call, and nothing else was said: no payment was begun. */
export const NOT_ALLOWED = Symbol('not allowed');

/**
 * Gathers what the lines of a payment prove. The first proof of success is final. A failure is a line that says `FAILED`, or an error that LND gives before it begins, where
 * nothing else was said before it or after: whatever stands beside it makes it unknown.
 */
export class StreamOutcome {
  readonly #request: PayRequest;
  #outcome: PaymentOutcome | null = null;
  #isNotAllowed = false;
  /** Something was said about this payment: LND has it in its records. */
  #isOnRecord = false;

  constructor(request: PayRequest) {
    this.#request = request;
  }

  /** @returns whether nothing that can follow matters. */
  take(line: string): boolean {
    const json = parseJsonObject(line);
    const result = asObject(json?.['result']);
    if (result !== null) return this.#takeResult(result);
    const error = lndErrorOf(json);
    if (error === null) this.#settleFor(unknown('A line of the answer cannot be read.'));
    else this.#takeError(error);
    return false;
  }

  /** What the whole answer proves. */
  final(whyNothing: string): PaymentOutcome | typeof NOT_ALLOWED {
    if (this.#isNotAllowed) return NOT_ALLOWED;
    const outcome = this.#outcome ?? unknown(whyNothing);
    return outcome.state === 'unknown' && this.#isOnRecord
      ? { ...outcome, seenInFlight: true, takenUp: true }
      : outcome;
  }

  #takeResult(result: Json): boolean {
    const { paymentHashHex } = this.#request;
    const line = readPaymentLine(result, paymentHashHex, this.#request);
    this.#isOnRecord ||= textOf(result, 'payment_hash') === paymentHashHex;
    this.#isNotAllowed = false;
    if (line.state === 'settled') this.#outcome = line;
    else if (line.state === 'inFlight') this.#follow();
    else this.#settleFor(line.state === 'failed' ? line : unknown(line.detail));
    return line.state === 'settled';
  }

  #takeError(error: LndErrorBody): void {
    const isFirst = this.#outcome === null && !this.#isOnRecord;
    this.#isNotAllowed = isFirst && this.#isFirstRequest() && error.message === PERMISSION_DENIED;
    this.#isOnRecord ||= isOnRecord(error);
    this.#settleFor(isFirst ? outcomeOfRefusal(error, this.#isFirstRequest()) : unknown(`LND: ${wordsOf(error)}`));
  }

  /** Under way: what was said to have ended before has not. */
  #follow(): void {
    if (this.#outcome?.state === 'failed') this.#outcome = unknown(IN_TWO_WAYS);
  }

  /** A second result makes neither of them certain, though both say the same: one request ends once. */
  #settleFor(outcome: PaymentOutcome): void {
    this.#isNotAllowed &&= this.#outcome === null;
    if (this.#outcome === null) this.#outcome = outcome;
    else if (this.#outcome.state === 'failed') this.#outcome = unknown(IN_TWO_WAYS);
  }

  #isFirstRequest(): boolean {
    return this.#request.mayHaveBeenSentBefore !== true;
  }
}
