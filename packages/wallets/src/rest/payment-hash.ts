import { SatwayError } from '@satway/base';

/** Keeps anything else out of a path. @throws {SatwayError} `WALLET_REFUSED`; nothing was sent. */
export function checkPaymentHash(paymentHashHex: string): void {
  if (/^[0-9a-f]{64}$/.test(paymentHashHex)) return;
  throw new SatwayError('WALLET_REFUSED', { detail: 'A payment hash is 64 lower-case hex digits.' });
}
