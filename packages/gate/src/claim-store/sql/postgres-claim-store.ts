import { SatwayError } from '@satway/base';
import { Client, Pool } from 'pg';
import type { ClaimStore } from '../claim-store.js';
import { type ClaimDatabase, classifySqlError, isRefusedRole, type SqlRow, type Statement } from './claim-database.js';
import { type MigrationSession, migrate } from './migrate.js';
import { createSqlClaimStore, DEFAULT_TIME_LIMIT_MS, type SqlClaimStoreOptions } from './sql-claim-store.js';

export interface PostgresClaimStoreOptions extends SqlClaimStoreOptions {
  /** `postgres://user:password@host:port/database`. The user must be a member of `satway_app`; to migrate, the owner of the tables. */
  readonly url: string;
  /** Where another user than the one above owns the tables. */
  readonly migrationUrl?: string;
  /** Open connections at most. */
  readonly mostConnections?: number;
}

const DEFAULT_CONNECTIONS = 10;

/**
 * Opens the claim store on PostgreSQL 15 or later, and brings its tables up to date.
 *
 * Speaks to the database as the role `satway_app`, which row-level security binds. Behind a pooler, use one session per connection.
 *
 * @throws {SatwayError} `STORE_UNAVAILABLE` when the server cannot be reached, `STORE_MIGRATION_FAILED`. Funds moved: no.
 */
export async function openPostgresClaimStore(options: PostgresClaimStoreOptions): Promise<ClaimStore> {
  await migratePostgres(options.migrationUrl ?? options.url);
  const database = new PostgresDatabase(options);
  try {
    await database.assertBound();
  } catch (error) {
    await database.close();
    throw error;
  }
  return createSqlClaimStore(database, options);
}

/** Brings the tables of a database up to date. @throws as {@link openPostgresClaimStore}. */
export async function migratePostgres(url: string): Promise<readonly string[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {}); // A connection that dies fails the query that uses it.
  try {
    await client.connect();
  } catch (cause) {
    throw new SatwayError('STORE_UNAVAILABLE', { cause });
  }
  try {
    return await migrate(sessionOf(client));
  } finally {
    await client.end().catch(() => {});
  }
}

function sessionOf(client: Client): MigrationSession {
  return {
    run: async (sql) => {
      await client.query(sql);
    },
    rows: async (sql) => (await client.query({ text: sql, rowMode: 'array' })).rows,
  };
}

class PostgresDatabase implements ClaimDatabase {
  readonly mostAtOnce: number;
  readonly #pool: Pool;

  constructor({ url, mostConnections, timeLimitMs }: PostgresClaimStoreOptions) {
    const limitMs = timeLimitMs ?? DEFAULT_TIME_LIMIT_MS;
    const connections = mostConnections ?? DEFAULT_CONNECTIONS;
    // Two batches of a kind: one commits while the other gathers. More would only make them smaller.
    this.mostAtOnce = Math.max(1, Math.min(2, Math.floor(connections / 4)));
    this.#pool = new Pool({
      connectionString: url,
      max: connections,
      connectionTimeoutMillis: limitMs,
      query_timeout: limitMs + 500,
      keepAlive: true,
      options: `-c role=satway_app -c statement_timeout=${limitMs} -c synchronous_commit=on`,
    });
    this.#pool.on('error', () => {}); // An idle connection died; the pool opens another.
    // One that dies in use fails its query, and then says so once more: unheard, that would end the process.
    this.#pool.on('connect', (client) => client.on('error', () => {}));
  }

  readonly classify = classifySqlError;

  async call({ name, text }: Statement, parameters: readonly (string | null)[]): Promise<readonly SqlRow[]> {
    const client = await this.#pool.connect();
    try {
      const { rows } = await client.query({ name, text, values: [...parameters], rowMode: 'array' });
      client.release();
      return rows;
    } catch (error) {
      // After a lost or late reply nobody knows what the connection is at: close it.
      client.release(classifySqlError(error) === 'passing');
      throw error;
    }
  }

  /** @throws {SatwayError} `STORE_MIGRATION_FAILED` when row-level security would not bind us. */
  async assertBound(): Promise<void> {
    const rows = await this.#whoAmI();
    const [role, bypasses] = rows[0] ?? [];
    if (role === 'satway_app' && bypasses === false) return;
    throw new SatwayError('STORE_MIGRATION_FAILED', { detail: 'The role satway_app can bypass row-level security.' });
  }

  async #whoAmI(): Promise<readonly SqlRow[]> {
    const text = 'SELECT current_user::text, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user';
    try {
      return await this.call({ name: 'satway_role', text }, []);
    } catch (cause) {
      if (!isRefusedRole(cause)) throw new SatwayError('STORE_UNAVAILABLE', { cause });
      throw new SatwayError('STORE_MIGRATION_FAILED', {
        detail: 'The user is no member of the role satway_app.',
        cause,
      });
    }
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}
