import { SatwayError } from '@satway/base';

const MSAT_PER_SAT = 1000;

/** Whole satoshis to millisatoshis, without loss. @throws {SatwayError} `CLIENT_OPTIONS_INVALID`, `AMOUNT_OUT_OF_RANGE`. */
export function satsToMsat(option: string, sats: number): number {
  if (typeof sats !== 'number' || !Number.isInteger(sats) || sats < 0) {
    throw new SatwayError('CLIENT_OPTIONS_INVALID', { detail: `Option ${option}.` });
  }
  const msat = sats * MSAT_PER_SAT;
  if (!Number.isSafeInteger(msat)) throw new SatwayError('AMOUNT_OUT_OF_RANGE', { detail: option });
  return msat;
}
