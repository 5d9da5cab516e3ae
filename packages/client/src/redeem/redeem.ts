import { isSatwayError, SatwayError } from '@satway/base';
import { formatAuthorization } from '@satway/protocol';
import { type Authorization, type Call, type Hop, type Sent, sendOnce, type Target } from '../call/index.js';
import type { PaidCredential } from '../credential-cache/index.js';
import type { ClientContext } from '../l402-client/context.js';
import type { CredentialSource } from '../l402-client/events.js';
import { judge, retryAfterMs, type Verdict } from './verdict.js';

/** One paid request. */
export interface Redemption {
  readonly call: Call;
  readonly target: Target;
  readonly credential: Pick<PaidCredential, 'origin' | 'paymentHashHex' | 'macaroonText' | 'preimageHex'>;
  /** Shown instead of the credential, in whose name the session was opened. */
  readonly sessionToken?: string;
  readonly idempotencyKey: string;
  readonly source: CredentialSource;
  readonly signal: AbortSignal;
}

/** How it ended, short of an error. `busy`: the free repeats are used up. */
export interface Redeemed {
  readonly verdict: Verdict;
  readonly sent: Sent;
  readonly authorization: Authorization;
}

/** What a paid request works with; neither a wallet nor a store. */
export type RedeemContext = Pick<ClientContext, 'sender' | 'clock' | 'tell' | 'maxFreeRetries' | 'maxRetryWaitMs'>;

/** Waits where a seller names no time. */
const DEFAULT_WAIT_MS = 500;

/**
 * Sends a paid request, and the very same again where that is free: busy, given back, or a connection that broke under a request
 * that may be repeated. A POST whose fate is not known is never sent a second time by itself.
 *
 * @throws {SatwayError} `EGRESS_…` when no answer came.
 */
export async function redeem(context: RedeemContext, redemption: Redemption): Promise<Redeemed> {
  const authorization = authorizationOf(redemption);
  const { source, target, credential } = redemption;
  context.tell({ type: 'redeeming', paymentHashHex: credential.paymentHashHex, url: target.url, source });
  for (let repeats = 0; ; repeats++) {
    const sent = await sendWithOneMoreTry(context, redemption, authorization);
    const verdict = judge(sent.answer);
    const again = verdict === 'busy' || verdict === 'failed_retryable';
    if (!again || repeats >= context.maxFreeRetries) return { verdict, sent, authorization };
    const waited = await waitBeforeRepeat(context, sent, verdict, redemption.signal);
    if (!waited) return { verdict, sent, authorization };
    sent.answer.discard();
  }
}

function authorizationOf({ credential, sessionToken, idempotencyKey }: Redemption): Authorization {
  const { origin, macaroonText, preimageHex } = credential;
  if (sessionToken !== undefined) return { origin, name: 'x-session-token', header: sessionToken, idempotencyKey };
  return { origin, header: formatAuthorization(macaroonText, preimageHex), idempotencyKey };
}

async function sendWithOneMoreTry(
  context: RedeemContext,
  { call, target, signal }: Redemption,
  authorization: Authorization,
): Promise<Sent> {
  const hop: Hop = { target, withBody: call.body !== null && target.method === call.method };
  try {
    return await sendOnce(context.sender, call, hop, authorization, signal);
  } catch (error) {
    if (signal.aborted || !mayBeSentAgain(error, target.method)) throw error;
    return sendOnce(context.sender, call, hop, authorization, signal);
  }
}

function mayBeSentAgain(error: unknown, method: string): boolean {
  if (!(error instanceof SatwayError)) return false;
  if (error.facts['requestMayHaveBeenSent'] === false) return isSatwayError(error, 'EGRESS_UNREACHABLE');
  return error.code === 'EGRESS_BROKEN' && (method === 'GET' || method === 'HEAD');
}

/** `false` when the seller asks for a longer wait than this client is ready for, or the caller left. */
async function waitBeforeRepeat(
  { clock, maxRetryWaitMs, tell }: RedeemContext,
  { answer }: Sent,
  verdict: Verdict,
  signal: AbortSignal,
): Promise<boolean> {
  const waitMs = retryAfterMs(answer.header('retry-after'), clock.nowMs()) ?? DEFAULT_WAIT_MS;
  if (waitMs > maxRetryWaitMs) return false;
  tell({ type: 'waiting', reason: verdict, waitMs });
  await clock.sleep(waitMs, signal);
  return !signal.aborted;
}
