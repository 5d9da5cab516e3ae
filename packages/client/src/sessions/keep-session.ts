import type { PaidCredential } from '../credential-cache/index.js';
import type { Sent } from '../call/index.js';
import { readSession } from './read-session.js';
import type { Session, Sessions } from './sessions.js';

/** Where sessions are kept, and by what clock. */
export interface SessionBooks {
  readonly store: { readonly sessions: Sessions };
  readonly clock: { nowMs(): number };
}

/** The session in whose name a credential can be used; `null` for one that counts its calls, which has none. */
export function sessionOf({ store, clock }: SessionBooks, credential: PaidCredential): Session | null {
  return credential.usesTotal === null ? store.sessions.find(credential.purchaseId, clock.nowMs()) : null;
}

/**
 * Keeps what an answer tells of its session, for the next calls: they then show its token alone. Only from the credential's own origin, and written only where something
 * has changed.
 */
export function keepSession({ store, clock }: SessionBooks, credential: PaidCredential, { answer, hop }: Sent): void {
  const { purchaseId, origin, usesTotal } = credential;
  if (usesTotal !== null || hop.target.origin !== origin) return;
  const told = readSession(answer);
  const known = store.sessions.find(purchaseId, clock.nowMs());
  const token = told.token ?? known?.token;
  if (token === undefined) return;
  const expiresAtMs = told.expiresAtMs ?? known?.expiresAtMs ?? credential.expiresAtMs;
  const balance = told.balance ?? known?.balance ?? null;
  if (known?.token === token && known.expiresAtMs === expiresAtMs && known.balance === balance) return;
  store.sessions.keep({ purchaseId, origin, token, expiresAtMs, balance, updatedAtMs: clock.nowMs() });
}
