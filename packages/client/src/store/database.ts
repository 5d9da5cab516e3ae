import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { SatwayError } from '@satway/base';
import Libsql from 'libsql';
import { mendMode, type Warn, warnOnce } from '../vault/private-files.js';
import { migrations } from './schema.js';

/** What a statement can be given. Numbers are safe integers. */
export type SqlValue = string | number | bigint | null;
/** One row as libsql gives it: integers are `bigint`, and a field `_metadata` of its own is there too. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** How long a step waits for another process's write before it gives up. */
const BUSY_TIMEOUT_MS = 10_000;

/** How long to wait between two attempts at the first switch to WAL. */
const WAL_RETRY_MS = 10;

const EMPTIED =
  'The file is empty or gone, though a store was kept there. Restore it together with its -wal file from a copy; to begin anew and give up what it held, move the file, its -wal file and its .owners folder away.';

/** A thin, typed door to one SQLite file; every failure is a `SatwayError`. */
export interface Database {
  run(sql: string, ...values: SqlValue[]): number;
  /**
   * As `run`, without waiting for the disk: a kill does not undo it, a power cut may, until another step waits. For what is no loss when it is done again, and for what the next
   * step waits for anyway. Not within `atomically`.
   */
  runUnsynced(sql: string, ...values: SqlValue[]): number;
  get(sql: string, ...values: SqlValue[]): SqlRow | undefined;
  all(sql: string, ...values: SqlValue[]): SqlRow[];
  /** Runs `steps` in one `BEGIN IMMEDIATE` transaction: no other process writes between its reads and its writes. */
  atomically<T>(steps: () => T): T;
  /** As `atomically`, without waiting for the disk, as `runUnsynced`. */
  atomicallyUnsynced<T>(steps: () => T): T;
  /** Writes the whole file anew, without what was deleted or overwritten, and empties the log. `false` where another process has it open just now. */
  rewrite(): boolean;
  close(): void;
}

/** What happens while a file is opened. */
export interface OpeningOptions {
  /** Runs in the transaction that brings the tables up to date, after it did; when it throws, nothing has happened. */
  readonly onUpgrade?: (database: Database, fromVersion: number) => void;
  /** Runs when the tables are up to date. What it throws with a code of the vault leaves every file as it is. */
  readonly onOpen?: (database: Database) => void;
  readonly warn?: Warn;
}

/**
 * Opens the file, makes it when missing (folder 0700, file 0600) and brings its tables up to date.
 *
 * WAL is set once, at creation: switching needs the file to oneself. `synchronous=FULL` makes each commit survive a power cut.
 *
 * @throws {SatwayError} `PURCHASE_STORE_UNUSABLE`, `PURCHASE_STORE_NEWER`.
 */
export function openDatabase(path: string, options: OpeningOptions = {}): Database {
  try {
    refuseEmptied(path);
    prepareFile(path, options.warn ?? warnOnce);
    const connection = new Libsql(path, { timeout: BUSY_TIMEOUT_MS });
    const database = letGoOnError(path, connection, () => setUp(connection, options));
    refused.delete(path);
    return database;
  } catch (cause) {
    if (cause instanceof SatwayError && cause.code !== 'PURCHASE_STORE_FAILED') throw cause;
    throw new SatwayError('PURCHASE_STORE_UNUSABLE', { cause });
  }
}

/**
 * The last connection to each file that the vault refused, left open: when the last one to a file is closed, SQLite moves the log into the file, and what is
 * refused stays as it is, byte by byte.
 */
const refused = new Map<string, Libsql.Database>();

function letGoOnError<T>(path: string, connection: Libsql.Database, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof SatwayError && error.code.startsWith('VAULT_')) refused.set(path, connection);
    else connection.close();
    throw error;
  }
}

function setUp(connection: Libsql.Database, { onUpgrade, onOpen }: OpeningOptions): Database {
  const database = wrap(connection);
  connection.defaultSafeIntegers(true);
  connection.pragma('synchronous=FULL');
  connection.pragma('foreign_keys=ON');
  migrate(connection, database, onUpgrade);
  onOpen?.(database);
  return database;
}

/**
 * An empty file is a new store only where none was before: SQLite would take it for new and throw away the log that lies beside it. A file that is gone
 * while its log is there has lost its place, too.
 *
 * The traces are looked for before the size is read: whoever opens a new store at this moment leaves none before the file has its first page.
 */
function refuseEmptied(path: string): void {
  const hasLog = existsSync(`${path}-wal`);
  const usedBefore = hasLog || existsSync(`${path}.owners`);
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  const lost = size === undefined ? hasLog : size === 0 && usedBefore;
  if (lost) throw new SatwayError('PURCHASE_STORE_UNUSABLE', { detail: EMPTIED });
}

function prepareFile(path: string, warn: Warn): void {
  const folder = dirname(path);
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Made before SQLite opens it, since SQLite gives its WAL and shared-memory files the mode of the main file.
  closeSync(openSync(path, 'a', 0o600));
  for (const file of [path, `${path}-wal`, `${path}-shm`]) mendMode(file, 0o600, warn);
}

function migrate(connection: Libsql.Database, database: Database, onUpgrade: OpeningOptions['onUpgrade']): void {
  if (userVersion(connection) === 0) switchToWal(connection);
  if (userVersion(connection) === migrations.length) return;
  database.atomically(() => {
    const version = userVersion(connection);
    if (version > migrations.length) throw new SatwayError('PURCHASE_STORE_NEWER');
    for (const migration of migrations.slice(version)) connection.exec(migration);
    connection.exec(`PRAGMA user_version = ${migrations.length}`);
    if (version < migrations.length) onUpgrade?.(database, version);
  });
}

/** SQLite does not wait here by itself when another process makes the same new store at this moment, since both read already. */
function switchToWal(connection: Libsql.Database): void {
  const giveUpAtMs = performance.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      connection.pragma('journal_mode=WAL');
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() >= giveUpAtMs) throw error;
      pause(WAL_RETRY_MS);
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}

/** Opening is synchronous, as are SQLite's own waits. */
function pause(waitMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitMs);
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
    runUnsynced: (sql, ...values) => guarded(() => withoutSync(connection, () => prepared(sql).run(...values).changes)),
    get: (sql, ...values) => guarded(() => prepared(sql).get(...values) as SqlRow | undefined),
    all: (sql, ...values) => guarded(() => prepared(sql).all(...values) as SqlRow[]),
    atomically: (steps) => guarded(() => inTransaction(connection, steps)),
    atomicallyUnsynced: (steps) => guarded(() => withoutSync(connection, () => inTransaction(connection, steps))),
    rewrite: () => guarded(() => rewrite(connection)),
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

function withoutSync<T>(connection: Libsql.Database, step: () => T): T {
  connection.exec('PRAGMA synchronous=NORMAL');
  try {
    return step();
  } finally {
    connection.exec('PRAGMA synchronous=FULL');
  }
}

/** Does not wait for others: what cannot be done now is done at the next opening. */
function rewrite(connection: Libsql.Database): boolean {
  connection.pragma('busy_timeout=0');
  try {
    connection.exec('VACUUM');
    const [row] = connection.pragma('wal_checkpoint(TRUNCATE)') as { busy: number | bigint }[];
    return Number(row?.busy) === 0;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  } finally {
    connection.pragma(`busy_timeout=${BUSY_TIMEOUT_MS}`);
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
