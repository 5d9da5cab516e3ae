import type { Database, SqlValue } from './database.js';
import { integer } from './row.js';

/** So many entries a table holds at most that a stranger can fill. */
export const MAX_ENTRIES = 10_000;
/** How many go at a time: more than a step adds, and few enough that nobody waits for it. */
const DROPPED_AT_ONCE = 100;

/** Which entries go when there are too many; the words are SQL of ours, never anybody's input. */
export interface Surplus {
  readonly table: string;
  /** Column or columns that name one entry. */
  readonly key: string;
  /** By what they are sorted: the first ones go. */
  readonly first: string;
  /** Only these count and go; all when left out. */
  readonly which?: string;
  /** What the question marks in `which` stand for: every text of SQL is kept prepared, so that none may hold what changes. */
  readonly values?: readonly SqlValue[];
  /** Default 10,000. */
  readonly maxEntries?: number;
}

/** Drops some of the entries that are too many. */
export function dropSurplus(database: Database, surplus: Surplus): void {
  const { table, key, first, which = '1 = 1', values = [], maxEntries = MAX_ENTRIES } = surplus;
  const row = database.get(`SELECT COUNT(*) AS n FROM ${table} WHERE ${which}`, ...values);
  const tooMany = (row === undefined ? 0 : integer(row, 'n')) - maxEntries;
  if (tooMany <= 0) return;
  database.run(
    `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${which} ORDER BY ${first} LIMIT ?)`,
    ...values,
    Math.min(tooMany, DROPPED_AT_ONCE),
  );
}
