import type { ErrorCode, FundsMoved } from '@satway/base';
import type { ToldPaymentOutcome } from '@satway/protocol';
import type { L402Error } from '../l402-client/l402-error.js';

/** What became of the use that a call with a handed-over credential asked for. */
export interface CredentialUse {
  /** `null` where the credential is in a format that cannot be read. */
  readonly paymentHashHex: string | null;
  /** What the seller says: `charged`, `released`, `refunded_to_balance`, `not_charged`, or anything `other`; `null` where it says nothing. */
  readonly outcome: ToldPaymentOutcome | null;
  /** What it adds, as far as it is a code of the error table in lower case, `upstream_failed_retryable` for one: the same call again is free. */
  readonly code: string | null;
  /** The key under which the call went out: again with it, the seller answers again instead of charging again. A secret between caller and seller. */
  readonly idempotencyKey: string;
}

/** The answer, or the refusal as a value. Nothing is ever paid. */
export type CredentialFetchResult =
  | { readonly ok: true; readonly response: Response; readonly use: CredentialUse }
  | {
      readonly ok: false;
      readonly code: ErrorCode;
      readonly message: string;
      /** Whether this call spent of what was paid: `no` where no use was taken, `unknown` where its answer is lost. */
      readonly fundsMoved: FundsMoved;
      readonly nextStep: string;
      readonly error: L402Error;
      /** `null` where nothing was sent. */
      readonly use: CredentialUse | null;
    };
