import { type Finding, fail, ok } from '../check.js';

/** The variable switches the check of certificates off for the whole process. */
export function checkTls(tlsUnchecked: boolean): Finding {
  if (!tlsUnchecked) return ok('Certificates are checked.');
  return fail(
    'NODE_TLS_REJECT_UNAUTHORIZED=0 is set: anybody on the way can read and change everything.',
    'Unset it; pin the wallet’s certificate instead.',
  );
}
