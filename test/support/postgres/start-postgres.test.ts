import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import { copiedFromPackage } from './find-binaries.mjs';
import { createTestDatabase, startTestPostgres } from './index.js';

const MODULE = fileURLToPath(new URL('./start-postgres.mjs', import.meta.url));

describe("the tests' PostgreSQL", () => {
  test('waits for the disk', async () => {
    const database = await createTestDatabase();
    expect(await setting(database.url, 'fsync')).toBe('on');
    expect(await setting(database.url, 'synchronous_commit')).toBe('on');
    await database.drop();
  });

  test('runs from the npm package where the machine has none, and nothing is left after it', async () => {
    const postgres = await startTestPostgres({
      findBinaries: (folder) => copiedFromPackage(folder) ?? 'not installed',
    });
    const folder = await dataFolder(postgres.url);
    expect(await setting(postgres.url, 'server_version_num')).toMatch(/^18/);
    await postgres.stop();
    expect(existsSync(folder)).toBe(false);
  });

  test('ends with the process that started it, even when that is killed', async () => {
    const script = `
      import { startTestPostgres } from ${JSON.stringify(MODULE)};
      console.log((await startTestPostgres()).url);
      setInterval(() => {}, 1000);`;
    const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [url] = await once(starter.stdout.setEncoding('utf8'), 'data');
    const client = new Client({ connectionString: String(url).trim() });
    client.on('error', () => {});
    await client.connect();
    const ended = new Promise((resolve) => client.once('end', resolve));
    starter.kill('SIGKILL');
    await ended;
  });
});

async function setting(connectionString: string, name: string): Promise<string> {
  const client = new Client({ connectionString });
  await client.connect();
  const { rows } = await client.query<{ value: string }>('SELECT current_setting($1) AS value', [name]);
  await client.end();
  return rows[0]?.value ?? '';
}

function dataFolder(connectionString: string): Promise<string> {
  return setting(connectionString, 'data_directory');
}
