/** `expired`: nobody decided in time, or whoever asked no longer waits. `used`: the payment it allowed was let go, once. */
export type ApprovalState = 'pending' | 'approved' | 'denied' | 'expired' | 'used';

/** What a person says yes to. The yes holds for all of it together, and for nothing else. */
export interface ApprovalFacts {
  readonly paymentHashHex: string;
  readonly invoice: string;
  /** Names the request that is paid for. */
  readonly requestDigestHex: string;
  readonly amountMsat: number;
  /** What fees may cost beside the amount at most. */
  readonly feeCeilingMsat: number;
  /** The node that is paid: 66 hex digits, from the invoice's own signature. */
  readonly payeeHex: string;
  readonly origin: string;
  readonly method: string;
  readonly url: string;
  /** The seller's words in the invoice. */
  readonly description: string | null;
  /** When the invoice expires, milliseconds since 1970. */
  readonly expiresAtMs: number;
  /** A request for this invoice had no answer, and would be made once more: a yes of its own is needed for that. Default: no. */
  readonly sentBefore?: boolean;
}

/** One question to a person, as it stands in the purchase store. */
export interface Approval extends ApprovalFacts {
  readonly approvalId: string;
  readonly state: ApprovalState;
  readonly sentBefore: boolean;
  readonly createdAtMs: number;
  /** Until when it can be answered and used: the invoice's expiry, and at most ten minutes after it was asked. */
  readonly expiresAtMs: number;
  readonly decidedAtMs: number | null;
  /** Who decided, for whoever looks later. */
  readonly decidedBy: string | null;
}

export type ApprovalDecision = 'yes' | 'no';

/**
 * `APPROVAL_NOT_FOUND`: there is none of this id. `APPROVAL_OVER`: it was decided, used or has expired, or whoever asked is gone. `APPROVALS_FULL`: too many wait.
 * `APPROVALS_PAUSED`: a person has said no to this origin several times just now.
 */
export type ApprovalRefusal = {
  readonly ok: false;
  readonly code: 'APPROVAL_NOT_FOUND' | 'APPROVAL_OVER' | 'APPROVALS_FULL' | 'APPROVALS_PAUSED';
  readonly detail?: string;
};

type Answer = { readonly ok: true; readonly value: Approval } | ApprovalRefusal;

/**
 * Questions that wait for a person, in the store that all processes share. Each step is one compare-and-set: of two who decide, one wins; what was used is never
 * used again.
 */
export interface Approvals {
  /**
   * Puts a question up. Refused: `APPROVALS_FULL`, `APPROVALS_PAUSED`, `APPROVAL_OVER` for an invoice that has expired or was asked about before. After a yes that was used
   * it is asked about again only where the payment was sent, is unresolved, and `sentBefore` says that it would be sent once more.
   */
  ask(facts: ApprovalFacts): Answer;
  /** The question of this id, whatever became of it; `null` where there is none. */
  get(approvalId: string): Approval | null;
  /** What waits for a person now, oldest first. */
  listPending(): Approval[];
  /** A person's answer. Refused: `APPROVAL_NOT_FOUND`, `APPROVAL_OVER`. @param by - who decides, for the record. */
  decide(approvalId: string, decision: ApprovalDecision, by: string): Answer;
  /**
   * Resolves when it is no longer pending, whichever process decided; when the signal aborts, withdraws it first.
   *
   * @throws {SatwayError} `APPROVAL_NOT_FOUND`, `PURCHASE_STORE_FAILED`, `CLIENT_CLOSED`.
   */
  wait(approvalId: string, signal?: AbortSignal): Promise<Approval>;
  /** Takes the yes for exactly these facts, once. `false`: there is none, it has expired, it was used, or the yes was to something else. */
  use(approvalId: string, facts: ApprovalFacts): boolean;
  /** Whoever asked no longer waits: a question that is still open, or a yes that was not used, expires. */
  withdraw(approvalId: string): void;
}
