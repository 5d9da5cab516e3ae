import type { ErrorCode } from '@satway/base';
import type { WalletAnswer } from '../settlements/index.js';

/**
 * What happened, for logs and metrics; one hook gets them all. No secret is in any of them: no macaroon, no preimage, no key.
 * `cause` is the error as it was caught, for a logger that redacts.
 */
export type GateEvent =
  | {
      readonly type: 'challenged';
      readonly endpointId: string;
      readonly offer: 'new' | 'repeated';
      readonly paymentHashHex: string;
    }
  /** A credential was presented and refused; the caller does not learn why. */
  | { readonly type: 'credential_refused'; readonly endpointId: string; readonly reason: string }
  | { readonly type: 'refused'; readonly endpointId: string | null; readonly code: ErrorCode; readonly cause?: unknown }
  | {
      readonly type: 'granted';
      readonly endpointId: string;
      readonly via: 'claim' | 'replay';
      readonly paymentHashHex: string;
    }
  | {
      readonly type: 'captured' | 'released' | 'claim_lost';
      readonly endpointId: string;
      readonly paymentHashHex: string;
    }
  /** The wallet was asked whether a payment has settled, before its first use. */
  | {
      readonly type: 'settlement_asked';
      readonly paymentHashHex: string;
      readonly answer: WalletAnswer;
      readonly cause?: unknown;
    }
  /** The lease could not be renewed, or a release did not reach the store; the lease runs out by itself. */
  | {
      readonly type: 'lease_in_doubt';
      readonly endpointId: string;
      readonly paymentHashHex: string;
      readonly cause: unknown;
    };
