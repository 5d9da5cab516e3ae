import { satsToMsat } from './amounts.js';
import type { ClientContext } from './context.js';
import { refuseUnknownInCall } from './known-options.js';
import { L402Error } from './l402-error.js';
import type { ApprovalRequest, Approver, PerCallOptions } from './options.js';

/** What those who share one call allow it. The narrowest holds: nobody's yes makes another's cap wider. */
export interface CallTerms {
  /** The lowest cap of all; infinite where nobody sets one. */
  readonly maxCostMsat: number;
  /** Asks everybody who wants to be asked; `null` where nobody does. */
  readonly approve: Approver | null;
  /**
   * One more who shares the call.
   *
   * @throws {L402Error} `PRICE_ABOVE_LIMIT` where more is reserved already than this caller allows, `PURCHASE_UNDER_WAY` where it is too late to ask.
   */
  join(more: CallerTerms): void;
  /** The purchase is decided: so much leaves the wallet at most. */
  decide(totalMsat: number): void;
}

/** The checked terms of one caller. */
export interface CallerTerms {
  readonly maxCostMsat: number;
  readonly approve: Approver | null;
}

/** @throws {SatwayError} `CLIENT_OPTIONS_INVALID`, `AMOUNT_OUT_OF_RANGE`. */
export function readTerms(perCall: PerCallOptions = {}): CallerTerms {
  refuseUnknownInCall(perCall);
  const { maxCostSats, approve } = perCall;
  if (approve !== undefined && typeof approve !== 'function') {
    throw new L402Error('CLIENT_OPTIONS_INVALID', { detail: 'Option approve.' });
  }
  return {
    maxCostMsat: maxCostSats === undefined ? Number.POSITIVE_INFINITY : satsToMsat('maxCostSats', maxCostSats),
    approve: approve ?? null,
  };
}

export function createCallTerms(first: CallerTerms): CallTerms {
  let { maxCostMsat } = first;
  let decidedMsat: number | null = null;
  let everybodySaidYes = false;
  const approvers = first.approve === null ? [] : [first.approve];
  const askAll: Approver = async (request, waiting) => {
    // Who comes while the others are asked is asked as well.
    for (const approver of approvers) if (!(await saysYes(approver, request, waiting))) return false;
    everybodySaidYes = true;
    return true;
  };
  return {
    get maxCostMsat() {
      return maxCostMsat;
    },
    get approve() {
      return approvers.length === 0 ? null : askAll;
    },
    join(more) {
      if (decidedMsat !== null && decidedMsat > more.maxCostMsat) {
        throw new L402Error('PRICE_ABOVE_LIMIT', { detail: 'Another caller of the same call allowed more.' });
      }
      if (more.approve !== null && (decidedMsat !== null || everybodySaidYes)) {
        throw new L402Error('PURCHASE_UNDER_WAY', { detail: 'It is too late to be asked about it.' });
      }
      maxCostMsat = Math.min(maxCostMsat, more.maxCostMsat);
      if (more.approve !== null) approvers.push(more.approve);
    },
    decide(totalMsat) {
      decidedMsat = totalMsat;
    },
  };
}

/** The client as one call sees it: what its callers do not allow, the client does not do for them. */
export function narrowed(context: ClientContext, terms: CallTerms): ClientContext {
  return {
    ...context,
    // Read when it counts: somebody may have joined by then.
    get maxPerRequestMsat() {
      return Math.min(context.maxPerRequestMsat, terms.maxCostMsat);
    },
    get approve() {
      return bothApprove(terms.approve, context.approve);
    },
    tell(event) {
      if (event.type === 'reserved') terms.decide(event.amountMsat + event.feeCeilingMsat);
      context.tell(event);
    },
  };
}

/** The nearer one is asked first; anything but two times `true` is a no. */
export function bothApprove(own: Approver | null, above: Approver | null): Approver | null {
  if (own === null || above === null) return own ?? above;
  return async (request, waiting) => (await saysYes(own, request, waiting)) && (await saysYes(above, request, waiting));
}

/** Anything but `true` is no yes, also from callers without types. */
async function saysYes(
  approver: Approver,
  request: ApprovalRequest,
  waiting: { signal: AbortSignal },
): Promise<boolean> {
  const answer: unknown = await approver(request, waiting);
  return answer === true;
}
