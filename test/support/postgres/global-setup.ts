import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startTestPostgres, type TestPostgres } from './start-postgres.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    /** Socket on which a test file asks for the run's one PostgreSQL. */
    postgresDoor: string;
  }
}

/** One PostgreSQL per run, started when the first test file asks for it: runs that need none pay nothing. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'satway-door-'));
  const door = join(folder, 'postgres.sock');
  let postgres: Promise<TestPostgres> | undefined;
  const server = createServer((_, response) => {
    postgres ??= startTestPostgres();
    postgres.then(
      ({ url }) => response.end(JSON.stringify({ url })),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(door, resolve);
  });
  project.provide('postgresDoor', door);
  return async () => {
    server.close();
    const running = await postgres?.catch(() => undefined);
    await running?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
