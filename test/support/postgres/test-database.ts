import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { Client } from 'pg';
import { inject } from 'vitest';

/** An empty database of a test file's own, on the run's one server. */
export interface TestDatabase {
  /** As the superuser. */
  readonly url: string;
  drop(): Promise<void>;
}

/** Makes an empty database. The run's PostgreSQL is started when this is called first; that it cannot be found fails the test. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const serverUrl = await askForServer(inject('postgresDoor'));
  const name = `test_${randomBytes(8).toString('hex')}`;
  await runOnce(serverUrl, `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => runOnce(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`) };
}

/** Runs one SQL text on a connection of its own. */
export async function runOnce(connectionString: string, sql: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function askForServer(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const ask = request({ socketPath, path: '/' }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => (response.statusCode === 200 ? resolve(readUrl(text)) : reject(new Error(text))));
    });
    ask.on('error', reject).end();
  });
}

function readUrl(text: string): string {
  const answer: unknown = JSON.parse(text);
  if (typeof answer !== 'object' || answer === null || !('url' in answer))
    throw new Error('The test server gave no URL.');
  return String(answer.url);
}
