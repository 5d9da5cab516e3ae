import type { BatchFailure } from './group-commit.js';

/** A prepared statement: its name is unique per text. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** One column's worth of SQL values as the driver gives them. */
export type SqlRow = readonly unknown[];

/** What the claim store needs of PostgreSQL, wherever it runs. */
export interface ClaimDatabase {
  /** Runs one statement as the role `satway_app`, in a transaction of its own; committed when it returns. Parameters are text or null. */
  call(statement: Statement, parameters: readonly (string | null)[]): Promise<readonly SqlRow[]>;
  readonly classify: (error: unknown) => BatchFailure;
  /** Batches of one kind that are worth having under way at the same time. */
  readonly mostAtOnce: number;
  /** Gives the space of deleted rows back, where the server does not do that by itself. */
  tidy?(): Promise<void>;
  close(): Promise<void>;
}

/** SQLSTATE classes and codes that are a row's fault: bad data, violated constraints. All else passes or is the server's. */
const ROWS_AT_FAULT = /^(22|23)/;

export function classifySqlError(error: unknown): BatchFailure {
  return ROWS_AT_FAULT.test(sqlState(error)) ? 'rows' : 'passing';
}

/** Whether a login was refused because it may not take the role it asks for. */
export function isRefusedRole(error: unknown): boolean {
  return ['42501', '22023'].includes(sqlState(error));
}

function sqlState(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
