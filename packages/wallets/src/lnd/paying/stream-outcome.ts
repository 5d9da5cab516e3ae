import type { PaymentOutcome, PayRequest } from '../../wallet.js';
import { asObject, type Json, parseJsonObject } from '../../rest/index.js';
import { type LndErrorBody, lndErrorOf, PERMISSION_DENIED } from '../lnd-error.js';
import { readPaymentLine } from './payment-line.js';
import { outcomeOfRefusal, unknown } from './pre-flight.js';

/** The macaroon may not make this call, and nothing else was said: no payment was begun. */
export const NOT_ALLOWED = Symbol('not allowed');

/** Gathers what the lines of a payment prove. The first proof of success is final; a failure stands only while nothing contradicts it. */
export class StreamOutcome {
  readonly #request: PayRequest;
  #outcome: PaymentOutcome | null = null;
  #isNotAllowed = false;

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

  /** What the whole answer proves. */
  final(whyNothing: string): PaymentOutcome | typeof NOT_ALLOWED {
    if (this.#isNotAllowed && this.#outcome?.state === 'failed') return NOT_ALLOWED;
    return this.#outcome ?? unknown(whyNothing);
  }

  #takeResult(result: Json): boolean {
    const line = readPaymentLine(result, this.#request.paymentHashHex);
    this.#isNotAllowed = false;
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

  #refusal(error: LndErrorBody): PaymentOutcome {
    this.#isNotAllowed = this.#outcome === null && error.message === PERMISSION_DENIED;
    return outcomeOfRefusal(error, this.#request.mayHaveBeenSentBefore !== true);
  }
}
