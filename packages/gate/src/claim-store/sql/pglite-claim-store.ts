import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { acquireProcessLock, type ProcessLock, SatwayError } from '@satway/base';
import type { ClaimStore } from '../claim-store.js';
import { type ClaimDatabase, classifySqlError, type SqlRow, type Statement } from './claim-database.js';
import { type MigrationSession, migrate } from './migrate.js';
import { createSqlClaimStore, type SqlClaimStoreOptions } from './sql-claim-store.js';

export interface PgliteClaimStoreOptions extends SqlClaimStoreOptions {
  /** Made when missing; on a local disk. Belongs to this process while the store is open. */
  readonly folder: string;
  /** Told once, at start, what the embedded database cannot promise. */
  readonly warn?: (message: string) => void;
}

export const POWER_LOSS_WARNING =
  'The embedded database does not wait for the disk: a power cut can lose its last moments, and with them the record of ' +
  'payments that were just redeemed. Use PostgreSQL where that would cost money.';

/**
 * Opens the claim store on PGlite: PostgreSQL inside this process, with the same tables and functions, nothing to install.
 *
 * Serves one process: two on one folder lose rows, so the folder is locked. Survives `kill -9`, not a power cut, and says so.
 *
 * @throws {SatwayError} `PROCESS_LOCK_HELD`, `PROCESS_LOCK_FAILED`, `STORE_UNAVAILABLE`, `STORE_MIGRATION_FAILED`. Funds moved: no.
 */
export async function openPgliteClaimStore(options: PgliteClaimStoreOptions): Promise<ClaimStore> {
  const lock = await lockFolder(options.folder);
  try {
    const database = await openDatabase(options.folder);
    (options.warn ?? warnProcess)(POWER_LOSS_WARNING);
    return await attachTo(database, options, async () => {
      await database.close().finally(() => lock.release());
    });
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * The claim store on a PGlite that is open already, such as one in memory. Its session belongs to the store from here on (it runs as
 * `satway_app`), but `close` leaves it open.
 *
 * @throws {SatwayError} `STORE_MIGRATION_FAILED`. Funds moved: no.
 */
export function attachPgliteClaimStore(database: PGlite, options: SqlClaimStoreOptions = {}): Promise<ClaimStore> {
  return attachTo(database, options, async () => {});
}

/**
 * Refuses the embedded store where a lost moment costs money, unless the operator accepts that.
 *
 * @throws {SatwayError} `POWER_LOSS_NOT_ACCEPTED`. Funds moved: no.
 */
export function assertPowerLossAccepted(network: string, acceptPowerLoss: boolean): void {
  if (network === 'bitcoin' && !acceptPowerLoss) throw new SatwayError('POWER_LOSS_NOT_ACCEPTED');
}

async function lockFolder(folder: string): Promise<ProcessLock> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new SatwayError('PROCESS_LOCK_FAILED', { cause });
  }
  return acquireProcessLock(join(folder, 'claims.lock'));
}

async function openDatabase(folder: string): Promise<PGlite> {
  // Loaded here and not above: 27 MB that a gateway on PostgreSQL never needs.
  const { PGlite } = await import('@electric-sql/pglite');
  return PGlite.create(join(folder, 'postgres')).catch((cause: unknown) => {
    throw new SatwayError('STORE_UNAVAILABLE', { detail: 'The embedded database does not open.', cause });
  });
}

async function attachTo(
  database: PGlite,
  options: SqlClaimStoreOptions,
  close: () => Promise<void>,
): Promise<ClaimStore> {
  try {
    await migrate(sessionOf(database));
    await database.exec('SET ROLE satway_app');
    return createSqlClaimStore(new PgliteDatabase(database, close), options);
  } catch (error) {
    await close();
    throw error;
  }
}

function sessionOf(database: PGlite): MigrationSession {
  return {
    run: async (sql) => {
      await database.exec(sql);
    },
    rows: async (sql) => (await database.query<unknown[]>(sql, [], { rowMode: 'array' })).rows,
  };
}

function warnProcess(message: string): void {
  process.emitWarning(message, { code: 'SATWAY_POWER_LOSS' });
}

class PgliteDatabase implements ClaimDatabase {
  /** One connection: whatever runs at the same time only waits. */
  readonly mostAtOnce = 1;
  readonly classify = classifySqlError;
  readonly #database: PGlite;
  readonly close: () => Promise<void>;

  constructor(database: PGlite, close: () => Promise<void>) {
    this.#database = database;
    this.close = close;
  }

  async call({ text }: Statement, parameters: readonly (string | null)[]): Promise<readonly SqlRow[]> {
    const { rows } = await this.#database.query<unknown[]>(text, [...parameters], { rowMode: 'array' });
    return rows;
  }

  /** Inside the process there is no autovacuum: without this the folder would only grow. Only the tables' owner may do it. */
  async tidy(): Promise<void> {
    await this.#database.exec('RESET ROLE');
    try {
      for (const table of ['payments', 'claims', 'counters', 'answers', 'revocations']) {
        await this.#database.exec(`VACUUM ANALYZE satway.${table}`);
      }
    } finally {
      await this.#database.exec('SET ROLE satway_app');
    }
  }
}
