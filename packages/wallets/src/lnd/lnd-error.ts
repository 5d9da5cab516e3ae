import { type ErrorCode, isSatwayError, redactText, SatwayError } from '@satway/base';
import { asObject, integerOf, type Json, textOf } from './json.js';

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

/** What LND says when it does not take the macaroon at all; nothing behind it has seen the call. */
const MACAROON_REFUSED = [
  /^expected 1 macaroon, got \d+$/,
  /^verification failed: /,
  /^cannot determine data format of binary-encoded macaroon$/,
  /^cannot get macaroon: /,
  /^encoding\/hex: /,
  /^caveat ".*" not satisfied: /,
];

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

/** The error of ours for a call that LND answered with an error. */
export function refusedCall(call: string, error: LndErrorBody | null, status: number): SatwayError {
  if (error === null) {
    return new SatwayError('WALLET_ANSWER_INVALID', { detail: `${call}: HTTP ${status} without an error of LND's.` });
  }
  return new SatwayError(codeFor(error), { detail: `${call}: ${redactText(error.message.slice(0, 300))}` });
}

function codeFor(error: LndErrorBody): ErrorCode {
  if (isCredentialRefusal(error)) return 'WALLET_PERMISSION_DENIED';
  if (NOT_READY.some((pattern) => pattern.test(error.message))) return 'WALLET_UNREACHABLE';
  return 'WALLET_REFUSED';
}

const WALLET_CODE: Partial<Record<ErrorCode, ErrorCode>> = {
  EGRESS_URL_INVALID: 'WALLET_NOT_CONFIGURED',
  EGRESS_UNREACHABLE: 'WALLET_UNREACHABLE',
  EGRESS_BROKEN: 'WALLET_UNREACHABLE',
  EGRESS_ABORTED: 'WALLET_UNREACHABLE',
  EGRESS_TLS_MISMATCH: 'WALLET_TLS_MISMATCH',
  EGRESS_TIMEOUT: 'WALLET_TIMEOUT',
  EGRESS_TOO_LARGE: 'WALLET_ANSWER_INVALID',
};

/** The wallet's word for a failure of the connection. */
export function walletError(error: unknown): SatwayError {
  if (!isSatwayError(error)) return new SatwayError('WALLET_UNREACHABLE', { cause: error });
  const code = WALLET_CODE[error.code];
  return code === undefined ? error : new SatwayError(code, { cause: error });
}

/** Whether a failed exchange can have reached the wallet; in doubt it can. */
export function mayHaveBeenSent(error: unknown): boolean {
  return (
    !(isSatwayError(error) && error.facts['requestMayHaveBeenSent'] === false) &&
    !isSatwayError(error, 'EGRESS_URL_INVALID')
  );
}
