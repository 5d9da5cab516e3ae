import { createHash } from 'node:crypto';

/** Whether this is the preimage of that payment hash: both as 64 lower-case hex digits. */
export function isPreimageOf(preimageHex: string, paymentHashHex: string): boolean {
  if (!/^[0-9a-f]{64}$/.test(preimageHex)) return false;
  return createHash('sha256').update(Buffer.from(preimageHex, 'hex')).digest('hex') === paymentHashHex;
}
