import type { Call } from '../call/index.js';
import { OWN_OUTCOMES } from '../journal/index.js';
import { ask, refuseStray, verify } from '../l402-client/ask.js';
import type { ClientContext } from '../l402-client/context.js';
import { takeUpEarlier } from '../l402-client/earlier.js';
import { L402Error } from '../l402-client/l402-error.js';
import { type Bought, buy } from '../purchase/index.js';
import { readAnnouncedCaveats } from './announced.js';
import { writeHandedToken } from './handed-token.js';

/** A credential that was bought and not used. */
export interface ObtainedCredential {
  /** All of it in one string, for `fetchWithCredential` and `delegate`: a secret. Not enumerable, so that it is in no log and no JSON by mistake. */
  readonly token: string;
  readonly paymentHashHex: string;
  /** Where it was bought, and the only origin that it goes to. */
  readonly origin: string;
  /** What it opens, as far as it tells: `endpoint:…`, else `url:…`. */
  readonly scope: string;
  /** Calls that it opens; `null` where it does not say. */
  readonly usesLeft: number | null;
  readonly expiresAtMs: number | null;
  /** The caveats that the seller announces to enforce; `null` where it announces none, so that nothing can be narrowed. */
  readonly announcedCaveats: readonly string[] | null;
  readonly cost: ObtainedCost;
}

/** What it cost this time: nothing, where an earlier call had paid and not come to use it. */
export interface ObtainedCost {
  readonly paidMsat: number;
  readonly feeMsat: number;
  readonly source: 'bought' | 'recovered';
}

/**
 * Buys a credential and hands it over instead of using it: same checks, journal, budget and approval as a call. Paid by an earlier call of the same thing that did not come to
 * send it, nothing is paid now. Once it is handed over, no call of this client uses it.
 *
 * @throws {L402Error} `NOTHING_TO_OBTAIN`, `CREDENTIAL_EXPIRED` (funds moved: yes, by the earlier call), and as `buy`.
 */
export function obtain(context: ClientContext, call: Call, signal: AbortSignal): Promise<ObtainedCredential> {
  const steps = () => obtainOne(context, call, signal);
  // With a key of the caller's, whoever comes second gets what the first bought.
  return call.keyGiven ? context.locks.withLock(`obtain ${call.idempotencyKey}`, steps) : steps();
}

async function obtainOne(context: ClientContext, call: Call, signal: AbortSignal): Promise<ObtainedCredential> {
  const earlier = await takeUpEarlier(context, call, signal, 'handover');
  const { bought, source } = earlier ?? { bought: await buyFor(context, call, signal), source: 'bought' };
  try {
    return await handOver(context, bought, source, signal);
  } finally {
    context.store.journal.park(bought.purchase.purchaseId);
  }
}

async function buyFor(context: ClientContext, call: Call, signal: AbortSignal): Promise<Bought> {
  const sent = await ask(context, call, signal);
  if (sent.answer.status !== 402) {
    sent.answer.discard();
    throw new L402Error('NOTHING_TO_OBTAIN', { detail: `It answers ${sent.answer.status}.` });
  }
  refuseStray(call, sent);
  const offer = await verify(context, call, sent);
  return buy(context, call, sent.hop.target, offer, signal);
}

async function handOver(
  context: ClientContext,
  { purchase, credential }: Bought,
  source: ObtainedCost['source'],
  signal: AbortSignal,
): Promise<ObtainedCredential> {
  const { purchaseId, paymentHashHex, scope, state } = purchase;
  const { origin, expiresAtMs } = credential;
  const announcedCaveats = await readAnnouncedCaveats(context.sender, origin, signal);
  // Nobody waits for it any more: it stays paid and unused, for the next call of the same thing.
  if (signal.aborted) throw new L402Error('CALL_ABORTED', { fundsMoved: 'yes', cause: signal.reason });
  refuseExpired(context, { purchase, credential });
  if (state !== 'redeemed') context.store.journal.handOver(purchaseId);
  const usesLeft = credential.usesTotal;
  context.tell({ type: 'handed_over', paymentHashHex, origin, usesLeft });
  const token = writeHandedToken({ ...credential, announcedCaveats });
  const facts = { paymentHashHex, origin, scope, usesLeft, expiresAtMs, announcedCaveats };
  return withSecret({ ...facts, cost: costOf(purchase, source) }, token);
}

function refuseExpired({ clock, store }: ClientContext, { purchase, credential }: Bought): void {
  const { expiresAtMs } = credential;
  if (expiresAtMs === null || clock.nowMs() < expiresAtMs) return;
  if (purchase.state !== 'redeemed') store.journal.finishRedeeming(purchase.purchaseId, OWN_OUTCOMES.expiredUnused);
  const facts = { paymentHashHex: purchase.paymentHashHex };
  throw new L402Error('CREDENTIAL_EXPIRED', { fundsMoved: 'yes', detail: 'It was paid for and never used.', facts });
}

function costOf({ amountMsat, feeMsat }: Bought['purchase'], source: ObtainedCost['source']): ObtainedCost {
  return source === 'bought'
    ? { paidMsat: amountMsat, feeMsat: feeMsat ?? 0, source }
    : { paidMsat: 0, feeMsat: 0, source };
}

function withSecret(facts: Omit<ObtainedCredential, 'token'>, token: string): ObtainedCredential {
  return Object.defineProperty(facts, 'token', { value: token, enumerable: false }) as ObtainedCredential;
}
