import { SatwayError } from '@satway/base';
import type { SqlRow } from './database.js';

/** Reads a text column. @throws {SatwayError} `PURCHASE_STORE_FAILED` when the file holds something else. */
export function text(row: SqlRow, column: string): string {
  const value = row[column];
  if (typeof value === 'string') return value;
  throw damaged(column);
}

export function textOrNull(row: SqlRow, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

/** Reads an integer column as a safe integer. @throws {SatwayError} `PURCHASE_STORE_FAILED` when it is none. */
export function integer(row: SqlRow, column: string): number {
  const number = Number(row[column]);
  if (typeof row[column] === 'bigint' && Number.isSafeInteger(number)) return number;
  throw damaged(column);
}

export function integerOrNull(row: SqlRow, column: string): number | null {
  return row[column] === null ? null : integer(row, column);
}

function damaged(column: string): SatwayError {
  return new SatwayError('PURCHASE_STORE_FAILED', { detail: `Column ${column} holds something unexpected.` });
}
