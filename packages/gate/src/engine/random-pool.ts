import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 8_192;

const pool = Buffer.alloc(POOL_BYTES);
let taken = POOL_BYTES;

/** Random bytes of the operating system, which are asked for by the kilobyte: one call of it for each token costs more than the token's signature. */
export function takeRandomBytes(size: number): Uint8Array {
  if (size > POOL_BYTES) return randomFillSync(Buffer.alloc(size));
  if (taken + size > POOL_BYTES) {
    randomFillSync(pool);
    taken = 0;
  }
  const bytes = Buffer.from(pool.subarray(taken, taken + size));
  // What was handed out is not left lying about.
  pool.fill(0, taken, taken + size);
  taken += size;
  return bytes;
}
