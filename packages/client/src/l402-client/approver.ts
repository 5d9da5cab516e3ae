/** What a person or a rule is asked to say yes to; the yes holds for this very invoice and once. */
export interface ApprovalRequest {
  readonly origin: string;
  readonly method: string;
  readonly url: string;
  readonly amountMsat: number;
  readonly paymentHashHex: string;
  readonly invoice: string;
  /** The node that is paid: 66 hex digits, from the invoice's own signature. */
  readonly payeeHex: string;
  /** What fees are reserved beside the amount at most. */
  readonly feeCeilingMsat: number;
  /** Names the request that is paid for: SHA-256 of the JSON array of the caller's method, URL and body digest. */
  readonly requestDigestHex: string;
  readonly description: string | null;
  readonly expiresAtMs: number;
  /** A request for this invoice had no answer, and may be on its way: it would be sent once more. The wallet pays it once. */
  readonly sentBefore: boolean;
}

/** Says yes to one payment, or not. It may take its time; the signal aborts when nobody waits for the answer any more. */
export type Approver = (
  request: ApprovalRequest,
  waiting: { readonly signal: AbortSignal },
) => boolean | Promise<boolean>;
