import { SatwayError } from '@satway/base';
import { readPaymentOutcome } from '@satway/protocol';
import { type Call, followRedirects, type Sent, type Target, toResponse } from '../call/index.js';
import type { PaidCredential } from '../credential-cache/index.js';
import type { ClientContext } from '../l402-client/context.js';
import { L402Error } from '../l402-client/l402-error.js';
import type { Performed } from '../l402-client/performed.js';
import { keepSession, type Session, sessionOf } from '../sessions/index.js';
import { type Redeemed, redeem } from './redeem.js';

/** What came of a credential from the cache: an answer, or a refusal with the fresh challenge where one came along. */
export type CachedUse =
  | { readonly used: true; readonly performed: Performed }
  | { readonly used: false; readonly challenge: Sent | null };

/**
 * Spends one use, already taken, of a cached credential. A refused one is dropped for good, and the call goes on as if there had been none.
 *
 * @throws {L402Error} `CLAIM_STILL_RUNNING`, `ANSWER_LOST`, `CALL_ABORTED`, `EGRESS_…`.
 */
export async function useCached(
  context: ClientContext,
  call: Call,
  target: Target,
  credential: PaidCredential,
  signal: AbortSignal,
): Promise<CachedUse> {
  const session = sessionOf(context, credential);
  const redeemed = await send(context, { call, target, credential, session, signal });
  if (redeemed.verdict === 'refused') return drop(context, credential, session, redeemed.sent);
  if (redeemed.verdict === 'busy') {
    redeemed.sent.answer.discard();
    context.store.credentials.giveBackUse(credential.purchaseId);
    throw new L402Error('CLAIM_STILL_RUNNING', { facts: { paymentHashHex: credential.paymentHashHex } });
  }
  if (redeemed.verdict !== 'answered') context.store.credentials.giveBackUse(credential.purchaseId);
  keepSession(context, credential, redeemed.sent);
  return { used: true, performed: await answerOf(context, call, credential, redeemed, signal) };
}

interface CachedCall {
  readonly call: Call;
  readonly target: Target;
  readonly credential: PaidCredential;
  readonly session: Session | null;
  readonly signal: AbortSignal;
}

async function send(context: ClientContext, { session, ...cached }: CachedCall): Promise<Redeemed> {
  const { idempotencyKey } = cached.call;
  const shown = session === null ? {} : { sessionToken: session.token };
  try {
    return await redeem(context, { ...cached, ...shown, idempotencyKey, source: 'cached' });
  } catch (cause) {
    throw sendingError(context, cached.credential, cause, cached.signal);
  }
}

/** Only a request that cannot have left gives its use back; otherwise the seller may have counted it. */
function sendingError(
  context: ClientContext,
  credential: PaidCredential,
  cause: unknown,
  signal: AbortSignal,
): L402Error {
  const notSent = cause instanceof SatwayError && cause.facts['requestMayHaveBeenSent'] === false;
  if (notSent) context.store.credentials.giveBackUse(credential.purchaseId);
  const facts = { paymentHashHex: credential.paymentHashHex };
  if (signal.aborted) return new L402Error('CALL_ABORTED', { cause: signal.reason, fundsMoved: 'no', facts });
  return notSent ? L402Error.from(cause) : new L402Error('ANSWER_LOST', { cause, facts });
}

/**
 * Where it was a session that was refused, its credential may still be good: it opens the same session, or another. One that had nothing left is spent like its session.
 */
function drop(
  { store }: ClientContext,
  { purchaseId }: PaidCredential,
  session: Session | null,
  sent: Sent,
): CachedUse {
  if (session !== null) store.sessions.drop(purchaseId);
  if (session === null || session.balance === 0) store.credentials.drop(purchaseId);
  if (sent.answer.status === 402) return { used: false, challenge: sent };
  sent.answer.discard();
  return { used: false, challenge: null };
}

async function answerOf(
  context: ClientContext,
  call: Call,
  { paymentHashHex, usesTotal }: PaidCredential,
  { sent, authorization }: Redeemed,
  signal: AbortSignal,
): Promise<Performed> {
  const { status } = sent.answer;
  context.tell({
    type: 'redeemed',
    paymentHashHex,
    status,
    outcome: readPaymentOutcome(sent.answer.header('x-payment-outcome')),
    source: 'cached',
  });
  const onward = usesTotal === null ? authorization : null;
  const last = await followRedirects(context.sender, call, sent, onward, signal);
  return { response: toResponse(last), payment: { paymentHashHex, paidMsat: 0, feeMsat: 0, source: 'cached' } };
}
