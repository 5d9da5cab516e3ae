import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Libsql from 'libsql';
import { describe, expect, it } from 'vitest';
import { migrations, VAULT_SINCE } from '../../src/store/schema.js';
import { temporaryStore, temporaryStorePath } from '../temporary-store.js';

const ORIGIN = 'https://api.example';
const BODY = 'ab'.repeat(32);
/** One that knew one scope for a path, whatever it was bound to, and had no vault yet. */
const VERSION = VAULT_SINCE - 1;

function storeThatKnows(scopes: Readonly<Record<string, string>>) {
  const path = temporaryStorePath();
  mkdirSync(dirname(path), { mode: 0o700 });
  const older = new Libsql(path);
  older.pragma('journal_mode=WAL');
  for (const migration of migrations.slice(0, VERSION)) older.exec(migration);
  older.exec(`PRAGMA user_version = ${VERSION}`);
  const learn = older.prepare('INSERT INTO known_paths VALUES (?, ?, ?, ?)');
  for (const [place, scope] of Object.entries(scopes)) learn.run(ORIGIN, 'POST', place, scope);
  older.close();
  return temporaryStore(path);
}

describe('a store from before a path could be sold as several things', () => {
  it('keeps what depends on the place alone, and asks again for what does not', () => {
    const store = storeThatKnows({
      '/plain': 'endpoint:acme/item///',
      '/by-body': `endpoint:acme/item/${BODY}//`,
      '/unread': `url:POST ${ORIGIN}/unread`,
    });
    const scopesAt = (path: string) =>
      store.credentials.scopesFor(ORIGIN, { method: 'POST', url: ORIGIN + path, bodySha256Hex: BODY });
    expect(scopesAt('/plain')).toEqual(['endpoint:acme/item///']);
    expect(scopesAt('/by-body')).toEqual([]);
    expect(scopesAt('/unread')).toEqual([]);
  });
});
