import { randomBytes, randomUUID } from 'node:crypto';
import type { ClaimRequest, ClaimResult, ClaimStore } from '@satway/gate/claim-store';

/** One store under test, with a hand on its clock. */
export interface ClaimStoreHarness {
  readonly store: ClaimStore;
  /** Lets time pass on the store's own clock, without waiting for it. */
  letTimePass(ms: number): Promise<void>;
  /** The store's clock. */
  nowMs(): number;
  stop(): Promise<void>;
}

export const HOUR_MS = 3_600_000;

export const GRANTED = { outcome: 'granted' } as const;

export function newHash(): string {
  return randomBytes(32).toString('hex');
}

/** A claim on a fresh payment of one use, but for what is given. */
export function claimRequest(given: Partial<ClaimRequest> = {}): ClaimRequest {
  return {
    claimId: randomUUID(),
    tenantId: randomUUID(),
    paymentHashHex: newHash(),
    uses: 1,
    keepUntilMs: Date.now() + 1_000 * HOUR_MS,
    counters: [],
    chainHashesHex: [],
    leaseMs: HOUR_MS,
    ...given,
  };
}

/** Another claim on the same payment. */
export function another(request: ClaimRequest, given: Partial<ClaimRequest> = {}): ClaimRequest {
  return { ...request, claimId: randomUUID(), ...given };
}

export function countOutcome(results: readonly ClaimResult[], outcome: ClaimResult['outcome']): number {
  return results.filter((result) => result.outcome === outcome).length;
}
