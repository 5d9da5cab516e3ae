import { isSatwayError } from '@satway/base';
import { hasSecretForm, type OfferDesk, type OfferResult, type PaidPrice } from '../offers/index.js';
import { problemAnswer } from './answers.js';
import type { Call } from './call.js';
import { challengeAnswer } from './challenge-answer.js';
import type { Decision } from './decision.js';
import type { GateEvent } from './gate-event.js';

/** How long a caller waits before asking again while the wallet fails. */
const WALLET_RETRY_MS = 5_000;

/**
 * Answers a request that is not paid, or not with this: with an offer, or with why none can be made. The answer is the same whether no
 * credential came, or one that was refused for whatever reason.
 */
export class Challenger {
  readonly #desk: OfferDesk;
  readonly #emit: (event: GateEvent) => void;

  constructor(desk: OfferDesk, emit: (event: GateEvent) => void) {
    this.#desk = desk;
    this.#emit = emit;
  }

  async challenge(call: Call, price: PaidPrice): Promise<Decision> {
    const key = call.idempotencyKey;
    const result = await this.#desk.offer({
      endpoint: call.endpoint,
      price,
      method: call.facts.method,
      url: call.url,
      bodySha256Hex: await call.bodySha256Hex(false),
      callerSecret: key !== null && hasSecretForm(key) ? key : null,
      scope: call.scope,
    });
    return this.#decisionAfter(call, result);
  }

  #decisionAfter(call: Call, result: OfferResult): Decision {
    if (result.outcome === 'limited') return this.#refuse(call, 'TOO_MANY_INVOICES', result.retryAfterMs);
    // Outside, a failing wallet is a failing wallet; what exactly is wrong is for the seller's log.
    if (result.outcome === 'failed') return this.#refuse(call, walletCode(result.cause), WALLET_RETRY_MS, result.cause);
    const { offer, isRepeated } = result;
    const { paymentHashHex } = offer;
    const endpointId = call.endpoint.id;
    this.#emit({ type: 'challenged', endpointId, offer: isRepeated ? 'repeated' : 'new', paymentHashHex });
    return { kind: 'challenge', answer: challengeAnswer(offer, call.presented), endpointId };
  }

  #refuse(call: Call, code: RefusalCode, retryAfterMs: number, cause?: unknown): Decision {
    const endpointId = call.endpoint.id;
    this.#emit({ type: 'refused', endpointId, code, ...(cause === undefined ? {} : { cause }) });
    return {
      kind: 'refuse',
      code,
      answer: problemAnswer(code, { retryAfterMs, presented: call.presented }),
      endpointId,
    };
  }
}

type RefusalCode = 'TOO_MANY_INVOICES' | 'INVOICE_NOT_AS_ASKED' | 'INVOICE_UNAVAILABLE';

function walletCode(cause: unknown): 'INVOICE_NOT_AS_ASKED' | 'INVOICE_UNAVAILABLE' {
  return isSatwayError(cause, 'INVOICE_NOT_AS_ASKED') ? 'INVOICE_NOT_AS_ASKED' : 'INVOICE_UNAVAILABLE';
}
