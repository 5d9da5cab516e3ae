import type { Purchase } from '@satway/client';
import { plainText } from '../output/index.js';
import { addressOf } from './describe.js';

/** What a terminal of 100 columns leaves for method and address. */
const WHAT_WIDTH = 36;
const HASH_DIGITS = 12;

/** What a person ended is no failure of the payment. */
const END_BY_HAND: Readonly<Record<string, string>> = { written_off: 'as spent', released: 'released' };

/** A table of purchases for people; no line is wider than 100 columns. */
export function paymentTable(purchases: readonly Purchase[]): string[] {
  return [lineOf('BEGUN (UTC)', 'STATE', 'SATS', 'FEE', 'HASH', 'WHAT'), ...purchases.map(lineFor)];
}

function lineFor(purchase: Purchase): string {
  const { createdAtMs, state, failure, amountMsat, feeMsat, paymentHashHex, method, url } = purchase;
  return lineOf(
    new Date(createdAtMs).toISOString().slice(0, 16).replace('T', ' '),
    END_BY_HAND[failure ?? ''] ?? state,
    satsOf(amountMsat),
    feeMsat === null ? '-' : satsOf(feeMsat),
    paymentHashHex.slice(0, HASH_DIGITS),
    cut(plain(`${method} ${addressOf(url).replace(/^https?:\/\//, '')}`)),
  );
}

function lineOf(begun: string, state: string, sats: string, fee: string, hash: string, what: string): string {
  return [begun.padEnd(16), state.padEnd(9), sats.padStart(10), fee.padStart(7), hash.padEnd(HASH_DIGITS), what].join(
    '  ',
  );
}

/** Satoshis without a unit, so that a column of them can be read. */
function satsOf(amountMsat: number): string {
  return amountMsat % 1000 === 0 ? String(amountMsat / 1000) : (amountMsat / 1000).toFixed(3);
}

function plain(text: string): string {
  return plainText(text).slice(1, -1);
}

function cut(text: string): string {
  return text.length <= WHAT_WIDTH ? text : `${text.slice(0, WHAT_WIDTH - 1)}…`;
}
