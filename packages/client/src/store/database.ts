import { closeSync, existsSync, fchmodSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { SatwayError } from '@satway/base';
import Libsql from 'libsql';
import { migrations } from './schema.js';

/** What a statement can be given. Numbers are safe integers. */
export type SqlValue = string | number | bigint | null;
/** One row as libsql gives it: integers are `bigint`, and a field `_metadata` of its own is there too. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** How long a step waits for another process's write before it gives up. */
const BUSY_TIMEOUT_MS = 10_000;

/** A thin, typed door to one SQLite file; every failure is a `SatwayError`. */
export interface Database {
  run(sql: string, ...values: SqlValue[]): number;
  get(sql: string, ...values: SqlValue[]): SqlRow | undefined;
  all(sql: string, ...values: SqlValue[]): SqlRow[];
  /** Runs `steps` in one `BEGIN IMMEDIATE` transaction: no other process writes between its reads and its writes. */
  atomically<T>(steps: () => T): T;
  close(): void;
}

/**
 * Opens the file, makes it when missing (folder 0700, file 0600) and brings its tables up to date.
 *
 * WAL is set once, at creation: switching needs the file to oneself. `synchronous=FULL` makes each commit survive a power cut.
 *
 * @throws {SatwayError} `PURCHASE_STORE_UNUSABLE`, `PURCHASE_STORE_NEWER`.
 */
export function openDatabase(path: string): Database {
  try {
    prepareFile(path);
    const connection = new Libsql(path, { timeout: BUSY_TIMEOUT_MS });
    const database = wrap(connection);
    connection.defaultSafeIntegers(true);
    connection.pragma('synchronous=FULL');
    connection.pragma('foreign_keys=ON');
    migrate(connection, database);
    return database;
  } catch (cause) {
    if (cause instanceof SatwayError && cause.code === 'PURCHASE_STORE_NEWER') throw cause;
    throw new SatwayError('PURCHASE_STORE_UNUSABLE', { cause });
  }
}

function prepareFile(path: string): void {
  const folder = dirname(path);
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Made before SQLite opens it, since SQLite gives its WAL and shared-memory files the mode of the main file.
  const file = openSync(path, 'a', 0o600);
  fchmodSync(file, 0o600);
  closeSync(file);
}

function migrate(connection: Libsql.Database, database: Database): void {
  if (userVersion(connection) === 0) connection.pragma('journal_mode=WAL');
  if (userVersion(connection) === migrations.length) return;
  database.atomically(() => {
    const version = userVersion(connection);
    if (version > migrations.length) throw new SatwayError('PURCHASE_STORE_NEWER');
    for (const migration of migrations.slice(version)) connection.exec(migration);
    connection.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}

function userVersion(connection: Libsql.Database): number {
  const [row] = connection.pragma('user_version') as { user_version: number | bigint }[];
  return Number(row?.user_version ?? 0);
}

function wrap(connection: Libsql.Database): Database {
  const statements = new Map<string, Libsql.Statement>();
  let open = true;
  const prepared = (sql: string): Libsql.Statement => {
    if (!open) throw new SatwayError('CLIENT_CLOSED');
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = connection.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  return {
    run: (sql, ...values) => guarded(() => prepared(sql).run(...values).changes),
    get: (sql, ...values) => guarded(() => prepared(sql).get(...values) as SqlRow | undefined),
    all: (sql, ...values) => guarded(() => prepared(sql).all(...values) as SqlRow[]),
    atomically: (steps) => guarded(() => inTransaction(connection, steps)),
    close() {
      open = false;
      connection.close();
    },
  };
}

function inTransaction<T>(connection: Libsql.Database, steps: () => T): T {
  connection.exec('BEGIN IMMEDIATE');
  try {
    const result = steps();
    connection.exec('COMMIT');
    return result;
  } catch (error) {
    // After some failures SQLite has rolled back by itself; a second ROLLBACK would hide the first error.
    if (connection.inTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}

function guarded<T>(step: () => T): T {
  try {
    return step();
  } catch (cause) {
    if (cause instanceof SatwayError) throw cause;
    throw new SatwayError('PURCHASE_STORE_FAILED', { cause });
  }
}
