import { SatwayError } from '@satway/base';

/** The detail names variables and files, never a value; no cause, since the system's errors repeat what they were given. */
export function notConfigured(detail: string): SatwayError {
  return new SatwayError('WALLET_NOT_CONFIGURED', { detail });
}
