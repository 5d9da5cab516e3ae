import { type ErrorCode, type FundsMoved, SatwayError } from '@satway/base';
import { type CredentialTerms, readPaymentCode, readPaymentOutcome } from '@satway/protocol';
import { type Call, followRedirects, type Sent, toResponse } from '../call/index.js';
import { L402Error } from '../l402-client/l402-error.js';
import { type RedeemContext, type Redeemed, redeem } from '../redeem/index.js';
import type { CredentialFetchResult, CredentialUse } from './credential-fetch-result.js';
import { type HandedCredential, paymentHashOf } from './handed-token.js';

/** One use of a handed-over credential: what is sent, with what, and until when. */
export interface HandedUse {
  readonly call: Call;
  readonly credential: HandedCredential;
  /** `null` where its format is of somebody else. */
  readonly terms: CredentialTerms | null;
  readonly context: RedeemContext;
  readonly signal: AbortSignal;
}

/** Sends the call with the credential, which was made for its origin. Nothing is paid, whatever the answer. Never throws. */
export async function useCredential(use: HandedUse): Promise<CredentialFetchResult> {
  if (use.signal.aborted) return refusal(aborted(use, 'no'), null);
  try {
    return await conclude(use, await redeemHanded(use));
  } catch (cause) {
    return withoutAnswer(use, cause);
  }
}

/** A refusal as a value. */
export function refusal(error: L402Error, use: CredentialUse | null): CredentialFetchResult {
  const { code, message, fundsMoved, nextStep } = error;
  return { ok: false, code, message, fundsMoved, nextStep, error, use };
}

function redeemHanded({ call, credential, context, signal }: HandedUse): Promise<Redeemed> {
  const { idempotencyKey } = call;
  const shown = { ...credential, paymentHashHex: paymentHashOf(credential) ?? '' };
  return redeem(context, { call, target: call, credential: shown, idempotencyKey, source: 'handed', signal });
}

async function conclude(use: HandedUse, redeemed: Redeemed): Promise<CredentialFetchResult> {
  const { verdict, sent } = redeemed;
  if (verdict === 'refused') return givenUp(use, sent, 'HANDED_CREDENTIAL_REFUSED', 'no');
  // Left between two free repeats: the first has been answered, and is not what the caller waited for.
  if (use.signal.aborted) return givenUp(use, sent, 'CALL_ABORTED', fundsMovedBy(sent));
  if (verdict === 'busy') return givenUp(use, sent, 'CLAIM_STILL_RUNNING', 'unknown');
  const told = toldBy(use, sent);
  const { paymentHashHex, outcome } = told;
  const { status } = sent.answer;
  use.context.tell({ type: 'redeemed', paymentHashHex: paymentHashHex ?? '', status, outcome, source: 'handed' });
  try {
    return { ok: true, response: toResponse(await follow(use, redeemed)), use: told };
  } catch (cause) {
    return afterAnswer(use, cause, told);
  }
}

function fundsMovedBy({ answer }: Sent): FundsMoved {
  const outcome = answer.header('x-payment-outcome');
  if (outcome === 'charged') return 'yes';
  return outcome === 'released' || outcome === 'not_charged' ? 'no' : 'unknown';
}

function givenUp(use: HandedUse, sent: Sent, code: ErrorCode, fundsMoved: FundsMoved): CredentialFetchResult {
  sent.answer.discard();
  const told = toldBy(use, sent);
  const { paymentHashHex } = told;
  return refusal(new L402Error(code, { fundsMoved, facts: { paymentHashHex } }), told);
}

/** A credential that counts its uses has spent this one on the redirect itself. */
function follow({ call, context, terms, signal }: HandedUse, { sent, authorization }: Redeemed): Promise<Sent> {
  const isCounted = terms === null || terms.model === 'per_request' || terms.counters.length > 0;
  return followRedirects(context.sender, call, sent, isCounted ? null : authorization, signal);
}

/** What goes wrong on the way of a redirect goes wrong after the seller has answered. */
function afterAnswer(use: HandedUse, cause: unknown, told: CredentialUse): CredentialFetchResult {
  const fundsMoved = told.outcome === 'charged' ? 'yes' : 'unknown';
  if (use.signal.aborted) return refusal(aborted(use, fundsMoved), told);
  const { code, detail } = L402Error.from(cause);
  return refusal(new L402Error(code, { cause, fundsMoved, ...(detail === undefined ? {} : { detail }) }), told);
}

/** What never left was not charged; of everything else nobody knows. */
function withoutAnswer(use: HandedUse, cause: unknown): CredentialFetchResult {
  const notSent = cause instanceof SatwayError && cause.facts['requestMayHaveBeenSent'] === false;
  if (use.signal.aborted) return refusal(aborted(use, notSent ? 'no' : 'unknown'), toldBy(use));
  if (notSent || !(cause instanceof SatwayError)) return refusal(L402Error.from(cause), null);
  const { paymentHashHex } = toldBy(use);
  return refusal(
    new L402Error('ANSWER_LOST', { cause, fundsMoved: 'unknown', facts: { paymentHashHex } }),
    toldBy(use),
  );
}

function aborted({ signal }: HandedUse, fundsMoved: FundsMoved): L402Error {
  return new L402Error('CALL_ABORTED', { cause: signal.reason, fundsMoved });
}

function toldBy({ call, credential }: HandedUse, sent: Sent | null = null): CredentialUse {
  return {
    paymentHashHex: paymentHashOf(credential),
    outcome: readPaymentOutcome(sent?.answer.header('x-payment-outcome') ?? null),
    code: readPaymentCode(sent?.answer.header('x-payment-code') ?? null),
    idempotencyKey: call.idempotencyKey,
  };
}
