import { webcrypto } from 'node:crypto';
import type { Egress } from '@satway/egress';
import { type CallInput, readCall } from '../call/index.js';
import { type CallBounds, checkBounds } from '../l402-client/check-options.js';
import { systemClock } from '../l402-client/clock.js';
import { type EventListener, quietly } from '../l402-client/events.js';
import { L402Error } from '../l402-client/l402-error.js';
import type { Clock } from '../l402-client/options.js';
import { copyOf, endingWith } from '../l402-client/shared-body.js';
import type { CredentialFetchResult } from './credential-fetch-result.js';
import { namesOf, refuseUnknownOptions } from '../option-checks/index.js';
import { readHandedToken } from './handed-token.js';
import { openDoor } from './open-door.js';
import { refuseElsewhere, termsOf } from './refuse-elsewhere.js';
import { refusal, useCredential } from './use-credential.js';

/** How a handed-over credential is used; the safe values are the defaults, as for `L402Client`. */
export interface CredentialFetchOptions extends Omit<CallBounds, 'paymentTimeoutMs' | 'maxChallengeBytes'> {
  /** A door of the caller's own, with its address policy; good for many calls. Default: one for this call, which lets through what `SATWAY_ALLOW_HOSTS` says. */
  readonly egress?: Pick<Egress, 'exchange'>;
  /** Hosts that may be reached although they are private, `host` or `host:port`; without a door of the caller's own. */
  readonly allowHosts?: readonly string[];
  readonly onEvent?: EventListener;
  readonly clock?: Clock;
  readonly random?: (byteCount: number) => Uint8Array;
}

const OPTIONS = namesOf<keyof CredentialFetchOptions>({
  egress: true,
  allowHosts: true,
  onEvent: true,
  clock: true,
  random: true,
  exchangeTimeoutMs: true,
  hopTimeoutMs: true,
  maxRequestBodyBytes: true,
  maxResponseBytes: true,
  maxFreeRetries: true,
  maxRetryWaitMs: true,
});

/**
 * A `fetch` for whoever was handed a credential: needs no wallet and no store, and cannot pay. The credential goes to the origin at which it was bought, and nowhere else, on
 * redirects neither. Each request carries an `Idempotency-Key` (the caller's, or a random one); what the seller says to be free is repeated with it: a use that is being
 * decided at this moment, an upstream that failed.
 *
 * A 402 is a refusal like any other. `init.signal` ends the call, its body included.
 *
 * @param token - from `obtain` or `delegate`.
 * @returns the answer with what the seller says became of the use; or as a value `CREDENTIAL_TOKEN_INVALID`, `CREDENTIAL_OTHER_ORIGIN`, `CREDENTIAL_EXPIRED`,
 * `CREDENTIAL_NOT_FOR_THIS` (nothing was sent), `HANDED_CREDENTIAL_REFUSED`, `CLAIM_STILL_RUNNING`, `ANSWER_LOST`, `CALL_ABORTED`, `CALL_…`, `REDIRECT_REFUSED`, `EGRESS_…`. Never throws.
 */
export async function fetchWithCredential(
  input: CallInput,
  token: string,
  init?: RequestInit,
  options: CredentialFetchOptions = {},
): Promise<CredentialFetchResult> {
  try {
    return await useToken(input, token, init, options);
  } catch (thrown) {
    return refusal(L402Error.from(thrown), null);
  }
}

async function useToken(
  input: CallInput,
  token: string,
  init: RequestInit | undefined,
  options: CredentialFetchOptions,
): Promise<CredentialFetchResult> {
  refuseUnknownOptions({ path: '', given: options, known: OPTIONS });
  if (options.allowHosts !== undefined && !Array.isArray(options.allowHosts)) {
    throw new L402Error('CLIENT_OPTIONS_INVALID', { detail: 'Option allowHosts.' });
  }
  const bounds = checkBounds(options);
  const read = readHandedToken(token);
  if (!read.ok) throw new L402Error(read.code, { detail: read.detail });
  const limits = { maxBodyBytes: bounds.maxRequestBodyBytes, random: options.random ?? systemRandom };
  const call = await readCall(input, init, limits);
  const clock = options.clock ?? systemClock;
  const terms = termsOf(read.value);
  refuseElsewhere(read.value, terms, call, clock.nowMs());
  const signal = init?.signal ?? (input instanceof Request ? input.signal : new AbortController().signal);
  const door = openDoor(options.egress, options.allowHosts ?? []);
  const sender = { egress: door.egress, ...bounds };
  const context = { sender, clock, tell: quietly(options.onEvent), ...bounds };
  const result = await useCredential({ call, credential: read.value, terms, context, signal });
  return closingAfter(result, () => door.close());
}

/** The door stays open as long as the answer's body comes through it. */
function closingAfter(result: CredentialFetchResult, close: () => void): CredentialFetchResult {
  if (!result.ok || result.response.body === null) {
    close();
    return result;
  }
  const { response, use } = result;
  const body = endingWith(result.response.body, {
    signal: null,
    abortError: () => new L402Error('CALL_ABORTED'),
    onEnd: close,
  });
  return { ok: true, response: copyOf(response, body), use };
}

function systemRandom(byteCount: number): Uint8Array {
  return webcrypto.getRandomValues(new Uint8Array(byteCount));
}
