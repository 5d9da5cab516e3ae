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
  if (code === undefined) return error;
  const detail = isUntrusted(error) ? UNTRUSTED : error.detail;
  return new SatwayError(code, { cause: error, ...(detail === undefined ? {} : { detail }) });
}

const UNTRUSTED =
  'Its TLS certificate is none that this machine trusts: pin it by its file or its SHA-256 fingerprint, or check the address.';

/** What Node calls a certificate that the system's authorities do not vouch for. */
const UNTRUSTED_CODES: ReadonlySet<unknown> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
]);

function isUntrusted({ cause }: SatwayError): boolean {
  return cause instanceof Error && 'code' in cause && UNTRUSTED_CODES.has(cause.code);
}

/** Whether a failed exchange can have reached the wallet; in doubt it can. */
export function mayHaveBeenSent(error: unknown): boolean {
  return (
    !(isSatwayError(error) && error.facts['requestMayHaveBeenSent'] === false) &&
    !isSatwayError(error, 'EGRESS_URL_INVALID')
  );
}
