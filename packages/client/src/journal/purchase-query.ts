import { SatwayError } from '@satway/base';
import type { SqlValue } from '../store/database.js';
import type { Purchase, PurchaseState } from './purchase.js';

/** Which purchases are meant; all where nothing is said. */
export interface PurchaseQuery {
  /** Only those that stand so. */
  readonly states?: readonly PurchaseState[];
  /** Only those of this seller, as `host` (every port) or `host:port`. */
  readonly host?: string;
  /** Begun at this moment or later, milliseconds since 1970. */
  readonly sinceMs?: number;
  /** Paid at this moment or later; leaves out what is not paid. */
  readonly paidSinceMs?: number;
  /** At most so many; 100 when left out. */
  readonly limit?: number;
  /** The last purchase of the page before, to go on behind it. */
  readonly after?: Pick<Purchase, 'createdAtMs' | 'purchaseId'>;
}

const PAGE = 100;

/** Everything behind `WHERE` for a query: newest first, and in the same order each time. */
export function whereFor(query: PurchaseQuery): { readonly sql: string; readonly values: readonly SqlValue[] } {
  const { states, host, sinceMs, paidSinceMs, after, limit = PAGE } = query;
  const conditions: [string, ...SqlValue[]][] = [];
  if (states !== undefined) conditions.push([`state IN (${states.map(() => '?').join(', ')})`, ...states]);
  if (host !== undefined) conditions.push(ofHost(host));
  if (sinceMs !== undefined) conditions.push(['created_at_ms >= ?', sinceMs]);
  if (paidSinceMs !== undefined) conditions.push(['paid_at_ms >= ?', paidSinceMs]);
  if (after !== undefined)
    conditions.push(['(created_at_ms, purchase_id) < (?, ?)', after.createdAtMs, after.purchaseId]);
  const where = conditions.length === 0 ? '1 = 1' : conditions.map(([sql]) => sql).join(' AND ');
  return {
    sql: `${where} ORDER BY created_at_ms DESC, purchase_id DESC LIMIT ?`,
    values: [...conditions.flatMap(([, ...values]) => values), limit],
  };
}

/** An origin leaves out the port that is usual for its scheme, so that one is looked for without it as well. */
function ofHost(given: string): [string, ...SqlValue[]] {
  const host = given.toLowerCase();
  const port = /:(\d+)$/.exec(host)?.[1];
  const origin = `substr(origin, instr(origin, '://') + 3)`;
  if (port === undefined) return [`(${origin} = ? OR substr(${origin}, 1, ?) = ?)`, host, host.length + 1, `${host}:`];
  const bare = host.slice(0, -port.length - 1);
  if (port === '443') return [`(${origin} = ? OR origin = ?)`, host, `https://${bare}`];
  return port === '80' ? [`(${origin} = ? OR origin = ?)`, host, `http://${bare}`] : [`${origin} = ?`, host];
}

/** What sorts behind every hex digit. */
const BEHIND_HEX = 'g';

/** The range of payment hashes that begin with these digits. @throws {SatwayError} `CALL_INVALID` where they are none. */
export function hashRange(digits: string): readonly [from: string, below: string] {
  const hex = digits.toLowerCase();
  if (!/^[0-9a-f]{1,64}$/.test(hex)) throw new SatwayError('CALL_INVALID', { detail: 'That is no payment hash.' });
  return [hex, hex + BEHIND_HEX];
}
