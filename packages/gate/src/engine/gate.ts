import type { KeyRing } from '@satway/protocol';
import type { InvoiceIssuer } from '@satway/wallets';
import type { ClaimStore } from '../claim-store/index.js';
import type { GateLimits } from '../limits/index.js';
import type { Endpoint } from '../routes/index.js';
import type { Decision, RequestFacts } from './decision.js';
import type { GateEvent } from './gate-event.js';
import type { Tenant } from './tenant.js';

/** Randomness from outside; `systemRandom` is the default. */
export interface RandomSource {
  bytes(size: number): Uint8Array;
  /** A random UUID, lower case. */
  uuid(): string;
}

/** What a gate is made of. It owns none of its parts: whoever made the store and the wallet closes them. */
export interface GateOptions {
  readonly tenant: Tenant;
  readonly endpoints: readonly Endpoint[];
  /** Asked at every request, so that keys rotate without a restart; answer the same object until the keys change. */
  readonly keyRing: () => KeyRing;
  readonly issuer: InvoiceIssuer;
  readonly claimStore: ClaimStore;
  /** Milliseconds since 1970; default `Date.now`. */
  readonly clock?: () => number;
  readonly random?: RandomSource;
  /** Default `DEFAULT_GATE_LIMITS`; what is left out keeps its default. */
  readonly limits?: Partial<GateLimits>;
  /** Longest life of an invoice, 10 s to 7 days; default 10 minutes. Never more than a third of the life of the credential that it buys. */
  readonly invoiceExpiryMs?: number;
  readonly idempotency?: {
    /** How long the answer to an `Idempotency-Key` is kept; default 10 minutes. */
    readonly keepForMs?: number;
    /** Longest body that is kept; default 16,384. */
    readonly maxBodyBytes?: number;
  };
  /**
   * Whether the first claim of each payment asks the wallet if it has settled, and with enough. Default: where the wallet's preimages prove nothing by
   * themselves (`issuer.preimageIsProof` is false). Switched off, whoever can learn a preimage without paying is served.
   */
  readonly confirmSettlement?: boolean;
  /** For logs and metrics; must not throw. */
  readonly onEvent?: (event: GateEvent) => void;
}

export type RevokeDecision =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: 'CREDENTIAL_REFUSED' | 'TOO_MANY_REVOCATIONS' };

/** Decides about requests of one tenant. */
export interface Gate {
  /**
   * May this request through, and what does it cost? Expected refusals are values. Rejects only with what `facts.readBodyDigest` rejects with,
   * where that is not a `SatwayError` (a caller who is gone).
   */
  decide(facts: RequestFacts): Promise<Decision>;
  /** Swaps all endpoints and prices at once; a request sees one set from start to end. @throws {SatwayError} `ENDPOINTS_INVALID`; the old set stays. */
  replaceSnapshot(endpoints: readonly Endpoint[]): void;
  /**
   * Refuses from now on the credential in these headers and every credential derived from it, never its parent.
   *
   * @returns `CREDENTIAL_REFUSED` where no good credential of this tenant was presented; `TOO_MANY_REVOCATIONS` where 256 other branches of the payment are
   * revoked already: revoking a credential above them always finds room.
   * @throws {SatwayError} `STORE_UNAVAILABLE`.
   */
  revoke(rawHeaders: readonly string[]): Promise<RevokeDecision>;
  /**
   * Counts a request that the shell answers by itself against the limits of the caller's address, as `decide` counts the others.
   *
   * @param path - the path of the shell that is asked for, from its first slash on.
   * @returns 0 where there is room, else how many milliseconds to wait.
   */
  admit(callerAddress: string, path: string): number;
  /** Stops renewing leases and listening to the wallet. Claims still held can be captured or released until their leases run out. */
  close(): void;
}
