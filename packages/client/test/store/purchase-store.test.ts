import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { openPurchaseStore } from '../../src/index.js';
import { openDatabase } from '../../src/store/database.js';
import { quoteOf, temporaryStore, temporaryStorePath, valueOf } from '../temporary-store.js';

/** Has a new file in hand while this thread opens it, blocked, and so lets go by the clock. */
const HOLDS_A_NEW_FILE = `
  const { parentPort, workerData } = require('node:worker_threads');
  const Libsql = require('libsql');
  const connection = new Libsql(workerData);
  connection.exec('BEGIN IMMEDIATE');
  parentPort.postMessage('held');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  connection.exec('ROLLBACK');
  connection.close();
`;

describe('the purchase store on the disk', () => {
  it('makes its folder 0700 and its files 0600', () => {
    const store = temporaryStore();
    expect(statSync(dirname(store.path)).mode & 0o777).toBe(0o700);
    for (const suffix of ['', '-wal', '-shm']) expect(statSync(store.path + suffix).mode & 0o777).toBe(0o600);
  });

  it('keeps its journal in WAL mode with every commit synced', () => {
    const path = temporaryStorePath();
    temporaryStore(path);
    const database = openDatabase(path);
    expect(database.get('PRAGMA journal_mode')).toMatchObject({ journal_mode: 'wal' });
    expect(database.get('PRAGMA synchronous')).toMatchObject({ synchronous: 2n });
    database.close();
  });

  it('syncs again after a step that did not wait for the disk, also after one that failed', () => {
    const database = openDatabase(temporaryStorePath());
    const synchronous = () => database.get('PRAGMA synchronous')?.['synchronous'];
    database.runUnsynced(`INSERT INTO known_paths VALUES ('a', 'GET', '/', '//', 's')`);
    expect(synchronous()).toBe(2n);
    expect(() => database.runUnsynced('INSERT INTO known_paths VALUES (NULL, NULL, NULL, NULL, NULL)')).toThrow(
      expect.objectContaining({ code: 'PURCHASE_STORE_FAILED' }),
    );
    expect(synchronous()).toBe(2n);
    const failing = () =>
      database.atomicallyUnsynced(() => {
        database.run(`INSERT INTO known_paths VALUES ('b', 'GET', '/', '//', 's')`);
        throw new Error('undone');
      });
    expect(failing).toThrow(expect.objectContaining({ code: 'PURCHASE_STORE_FAILED' }));
    expect(synchronous()).toBe(2n);
    expect(database.all('SELECT * FROM known_paths')).toHaveLength(1);
    database.close();
  });

  it('refuses a file of a newer version and leaves it as it is', () => {
    const path = temporaryStorePath();
    openPurchaseStore({ path }).close();
    const database = openDatabase(path);
    database.run('PRAGMA user_version = 99');
    database.close();
    expect(() => openPurchaseStore({ path })).toThrow(expect.objectContaining({ code: 'PURCHASE_STORE_NEWER' }));
  });

  it('refuses a file that is no store and does not overwrite it', () => {
    const path = temporaryStorePath();
    openPurchaseStore({ path }).close();
    const foreign = `${path}.txt`;
    writeFileSync(foreign, 'this is a letter, not a database, and it is longer than a header\n'.repeat(40));
    expect(() => openPurchaseStore({ path: foreign })).toThrow(
      expect.objectContaining({ code: 'PURCHASE_STORE_UNUSABLE' }),
    );
    expect(statSync(foreign).size).toBe(65 * 40);
  });

  const emptied = expect.objectContaining({
    code: 'PURCHASE_STORE_UNUSABLE',
    detail: expect.stringContaining('Restore it'),
  });

  it('refuses a file that was cut to nothing after it was in use, and leaves it and its log as they are', () => {
    const path = temporaryStorePath();
    openPurchaseStore({ path }).close();
    truncateSync(path);
    rmSync(`${path}-wal`, { force: true });
    expect(() => openPurchaseStore({ path })).toThrow(emptied);
    rmSync(`${path}.owners`, { recursive: true });
    writeFileSync(`${path}-wal`, 'what was written last');
    expect(() => openPurchaseStore({ path })).toThrow(emptied);
    expect(statSync(path).size).toBe(0);
    expect(readFileSync(`${path}-wal`, 'utf8')).toBe('what was written last');
  });

  it('refuses to begin anew where the file is gone and its log is still there', () => {
    const path = temporaryStorePath();
    openPurchaseStore({ path }).close();
    rmSync(path);
    writeFileSync(`${path}-wal`, 'what was written last');
    expect(() => openPurchaseStore({ path })).toThrow(emptied);
    expect(existsSync(path)).toBe(false);
  });

  it('takes an empty file for a new store where none was before', () => {
    const path = temporaryStorePath();
    mkdirSync(dirname(path));
    writeFileSync(path, '');
    expect(temporaryStore(path).journal.list()).toEqual([]);
  });

  it('opens a new store for a second one while the first is open', () => {
    const path = temporaryStorePath();
    const [first, second] = [temporaryStore(path), temporaryStore(path)];
    first.budgets.registerCap('default', 100_000);
    const purchaseId = valueOf(first.journal.quote(quoteOf(1)));
    expect(second.journal.get(purchaseId)).toMatchObject({ state: 'quoted' });
  });

  it('waits for another process that makes the same new store at this moment', async () => {
    const path = temporaryStorePath();
    mkdirSync(dirname(path));
    const other = new Worker(HOLDS_A_NEW_FILE, { eval: true, workerData: path });
    await once(other, 'message');
    expect(temporaryStore(path).journal.list()).toEqual([]);
    await once(other, 'exit');
  });

  it('finds a purchase again after it was closed', () => {
    const path = temporaryStorePath();
    const first = openPurchaseStore({ path });
    first.budgets.registerCap('default', 100_000);
    const purchaseId = valueOf(first.journal.quote(quoteOf(1)));
    first.close();
    const second = temporaryStore(path);
    expect(second.journal.get(purchaseId)).toMatchObject({
      state: 'quoted',
      amountMsat: 5000,
      ownerId: first.ownerId,
    });
  });

  it('throws CLIENT_CLOSED when it is used after closing', () => {
    const store = openPurchaseStore({ path: temporaryStorePath() });
    store.close();
    expect(() => store.journal.list()).toThrow(expect.objectContaining({ code: 'CLIENT_CLOSED' }));
  });
});
