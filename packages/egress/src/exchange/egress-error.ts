import { type ErrorCode, SatwayError } from '@satway/base';

/** Makes an error of this room; `requestMayHaveBeenSent` is the fact that decides whether money can have moved. */
export function egressError(code: ErrorCode, requestMayHaveBeenSent: boolean, cause?: unknown): SatwayError {
  return new SatwayError(code, {
    ...(cause instanceof SatwayError && cause.detail !== undefined ? { detail: cause.detail } : {}),
    cause,
    facts: { requestMayHaveBeenSent },
    ...(requestMayHaveBeenSent ? {} : { fundsMoved: 'no' as const }),
  });
}

/** Names a failure of the connection by what is known of it. */
export function connectionError(requestMayHaveBeenSent: boolean, cause: unknown): SatwayError {
  if (cause instanceof SatwayError) return egressError(cause.code, requestMayHaveBeenSent, cause);
  return egressError(requestMayHaveBeenSent ? 'EGRESS_BROKEN' : 'EGRESS_UNREACHABLE', requestMayHaveBeenSent, cause);
}
