import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { SatwayError } from '@satway/base';

/** One connection that runs SQL as whoever owns the tables. */
export interface MigrationSession {
  /** Runs any number of statements without parameters. */
  run(sql: string): Promise<void>;
  rows(sql: string): Promise<readonly (readonly unknown[])[]>;
}

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** Lies beside `src` and `dist`, and is published with them. */
const MIGRATIONS = new URL('../../../migrations/', import.meta.url);
/** Any number will do, as long as every version uses the same. */
const ADVISORY_LOCK = 4_021_402;

/**
 * Brings the tables up to date: applies the files of `migrations/` that are missing, in the order of their names, each in a
 * transaction of its own. Processes that start together wait for each other.
 *
 * @returns the names of what was applied now.
 * @throws {SatwayError} `STORE_MIGRATION_FAILED`: a file failed (nothing of it is left), was changed after it was applied, or the
 * tables were made by a later version. Funds moved: no.
 */
export async function migrate(session: MigrationSession): Promise<readonly string[]> {
  const migrations = await readMigrations();
  await session.run(`SELECT pg_advisory_lock(${ADVISORY_LOCK})`);
  try {
    return await applyMissing(session, migrations);
  } finally {
    await session.run(`SELECT pg_advisory_unlock(${ADVISORY_LOCK})`);
  }
}

async function applyMissing(session: MigrationSession, migrations: readonly Migration[]): Promise<readonly string[]> {
  const applied = await readApplied(session);
  assertSameHistory(migrations, applied);
  const missing = migrations.filter(({ name }) => !applied.has(name));
  for (const migration of missing) await apply(session, migration);
  return missing.map(({ name }) => name);
}

async function readMigrations(): Promise<readonly Migration[]> {
  const names = (await readdir(MIGRATIONS)).filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name)).sort();
  return Promise.all(names.map(readMigration));
}

async function readMigration(name: string): Promise<Migration> {
  const sql = await readFile(fileURLToPath(new URL(name, MIGRATIONS)), 'utf8');
  return { name, sql, checksum: createHash('sha256').update(sql.replaceAll('\r\n', '\n')).digest('hex') };
}

async function readApplied(session: MigrationSession): Promise<ReadonlyMap<string, string>> {
  // Looked up first: a role that may not create anything can still start on tables that are up to date.
  const [found] = await session.rows("SELECT to_regclass('satway.migrations') IS NOT NULL");
  if (found?.[0] !== true) {
    await session
      .run(
        'BEGIN; CREATE SCHEMA IF NOT EXISTS satway; CREATE TABLE satway.migrations ' +
          '(name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT clock_timestamp()); COMMIT',
      )
      .catch((cause: unknown) => fail('The schema satway could not be created.', cause));
  }
  const rows = await session.rows('SELECT name, checksum FROM satway.migrations ORDER BY name');
  return new Map(rows.map(([name, checksum]) => [String(name), String(checksum)]));
}

function assertSameHistory(migrations: readonly Migration[], applied: ReadonlyMap<string, string>): void {
  const known = new Map(migrations.map(({ name, checksum }) => [name, checksum]));
  for (const [name, checksum] of applied) {
    const ours = known.get(name);
    if (ours === undefined) fail(`The tables were made by a later version: it has ${name}.`);
    if (ours !== checksum) fail(`The file ${name} is not the one that was applied.`);
  }
}

async function apply(session: MigrationSession, { name, sql, checksum }: Migration): Promise<void> {
  try {
    await session.run('BEGIN');
    await session.run(sql);
    await session.run(`INSERT INTO satway.migrations (name, checksum) VALUES ('${name}', '${checksum}')`);
    await session.run('COMMIT');
  } catch (cause) {
    await session.run('ROLLBACK');
    fail(`The file ${name} failed: ${cause instanceof Error ? cause.message : 'no reason given'}.`, cause);
  }
}

function fail(detail: string, cause?: unknown): never {
  throw new SatwayError('STORE_MIGRATION_FAILED', { detail, cause });
}
