import { type ErrorCode, isSatwayError, SatwayError } from '@satway/base';

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
