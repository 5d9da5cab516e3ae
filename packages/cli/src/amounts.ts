import { SatwayError } from '@satway/base';
import { InvalidArgumentError } from 'commander';

/** Reads a whole number of satoshis from the command line. */
export function parseSats(text: string): number {
  const sats = Number(text);
  if (/^(0|[1-9]\d*)$/.test(text) && Number.isSafeInteger(sats * 1000)) return sats;
  throw new InvalidArgumentError('It must be a whole number of satoshis.');
}

/** Reads a positive whole number from the command line. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (/^[1-9]\d*$/.test(text) && Number.isSafeInteger(count)) return count;
  throw new InvalidArgumentError('It must be a whole number above zero.');
}

/** Reads a TCP port from the command line; 0 lets the system choose. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a port from 0 to 65535.');
}

/** Millisatoshis for people: whole satoshis where they are whole, else with the fraction. */
export function formatMsat(amountMsat: number): string {
  if (!Number.isSafeInteger(amountMsat))
    throw new SatwayError('INTERNAL', { detail: 'An amount is not a safe integer.' });
  const sats = amountMsat / 1000;
  return `${Number.isInteger(sats) ? String(sats) : sats.toFixed(3)} ${sats === 1 ? 'sat' : 'sats'}`;
}
