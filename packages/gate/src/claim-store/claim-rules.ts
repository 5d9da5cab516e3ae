/**
 * Numbers that every store keeps to, so that a gate behaves alike on each of them. The SQL functions repeat them as literals
 * (migrations never change after their release); a test compares the two.
 */

/** The n-th release (n >= 2) rests its payment hash for 2^(n-1) seconds, at most 2^6. */
export const LONGEST_REST_EXPONENT = 6;

/** Upper bound of `retryAfterMs` where a lease is in the way: the holder usually ends long before its lease does. */
export const LONGEST_WAIT_FOR_LEASE_MS = 1_000;

/** For how long, at least, a claim's end is remembered, so that a repeated capture or claim gets the answer it got before. */
export const ENDED_CLAIM_KEPT_MS = 60_000;

/**
 * So many revocations of one payment are kept at most: what nobody reaches who takes branches back, and little enough for those who make branches only to
 * revoke them. A branch that is revoked through its parent counts as none.
 */
export const MOST_REVOCATIONS = 256;

/** How long a payment hash rests after its release number `releases`; 0 for the first. */
export function restMsAfterRelease(releases: number): number {
  if (releases < 2) return 0;
  return 1_000 * 2 ** Math.min(releases - 1, LONGEST_REST_EXPONENT);
}

/** What a caller is told to wait for a lease that has this long to live. */
export function waitForLeaseMs(leaseLeftMs: number): number {
  return Math.max(1, Math.min(Math.ceil(leaseLeftMs), LONGEST_WAIT_FOR_LEASE_MS));
}
