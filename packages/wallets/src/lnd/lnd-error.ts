import { type ErrorCode, isSatwayError, SatwayError } from '@satway/base';
import { asObject, foreignWords, integerOf, type Json, textOf } from '../rest/index.js';
import { permissionFor } from './lnd-permission.js';

/** An error as LND writes it, on a stream in `error`, else at the top. */
export interface LndErrorBody {
  /** gRPC code. */
  readonly code: number | null;
  readonly message: string;
}

/** `null` where it is no error of LND's: a proxy's page, or something else. */
export function lndErrorOf(json: Json | null): LndErrorBody | null {
  if (json === null) return null;
  const body = asObject(json['error']) ?? json;
  const message = textOf(body, 'message');
  return message === null ? null : { code: integerOf(body, 'code'), message };
}

export const PERMISSION_DENIED = 'permission denied';

/** What LND says when it does not take the macaroon at all; nothing behind it has seen the call. Each was heard from a real node, and is recorded. */
export const MACAROON_REFUSED: readonly RegExp[] = [
  /^expected 1 macaroon, got \d+$/,
  /^verification failed: /,
  /^cannot determine data format of binary-encoded macaroon$/,
  /^cannot retrieve macaroon: cannot get macaroon: root key with id /,
  /^encoding\/hex: /,
  /^caveat ".*" not satisfied: /,
  /^cannot parse caveat ".*": /,
];

/** What LND says of a payment hash that it has in its records already: under way or paid. */
const ON_RECORD: ReadonlySet<string> = new Set([
  'invoice is already paid',
  'payment is in transition',
  'payment already exists',
]);

/** What LND says before it takes calls. */
const NOT_READY = [
  /^waiting to start, RPC services not available$/,
  /^wallet locked, unlock it/,
  /^wallet not created, create one/,
  /^the RPC server is in the process of starting up/,
];

export function isCredentialRefusal({ message }: LndErrorBody): boolean {
  return message === PERMISSION_DENIED || MACAROON_REFUSED.some((pattern) => pattern.test(message));
}

/** Whether LND refuses a payment because it has one of that hash. */
export function isOnRecord({ message }: LndErrorBody): boolean {
  return ON_RECORD.has(message);
}

/** Whether LND answered so because it has not come up yet. */
export function isNotReady({ message }: LndErrorBody): boolean {
  return NOT_READY.some((pattern) => pattern.test(message));
}

/** What LND said, as far as a message may carry it. */
export function wordsOf({ message }: LndErrorBody): string {
  return foreignWords(message);
}

/**
 * The error of ours for a call that LND answered with an error. Where the macaroon lacks a permission, `facts.missingPermission` names it as
 * `lncli bakemacaroon` takes it.
 */
export function refusedCall(call: string, error: LndErrorBody | null, status: number): SatwayError {
  if (error === null) {
    return new SatwayError('WALLET_ANSWER_INVALID', { detail: `${call}: HTTP ${status} without an error of LND's.` });
  }
  if (error.message === PERMISSION_DENIED) return missingPermission(call);
  return new SatwayError(codeFor(error), { detail: `${call}: ${wordsOf(error)}` });
}

function missingPermission(call: string): SatwayError {
  const permission = permissionFor(call) ?? call;
  return new SatwayError('WALLET_PERMISSION_DENIED', {
    detail: `${call}: ${PERMISSION_DENIED}. The macaroon lacks ${permission}.`,
    facts: { missingPermission: permission },
  });
}

/** The macaroon is good, only this call is not in it. */
export function isMissingPermission(error: unknown): boolean {
  return isSatwayError(error, 'WALLET_PERMISSION_DENIED') && error.facts['missingPermission'] !== undefined;
}

function codeFor(error: LndErrorBody): ErrorCode {
  if (isCredentialRefusal(error)) return 'WALLET_PERMISSION_DENIED';
  return isNotReady(error) ? 'WALLET_UNREACHABLE' : 'WALLET_REFUSED';
}
