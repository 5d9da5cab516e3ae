import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Libsql from 'libsql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openPurchaseStore } from '../../src/index.js';
import { migrations, VAULT_SINCE } from '../../src/store/schema.js';
import { temporaryStore, temporaryStorePath } from '../temporary-store.js';

const PREIMAGES = ['d0'.repeat(32), 'e1'.repeat(32)] as const;
/** Long enough for pages of its own, which a smaller value sets free. */
const MACAROONS = [`AgEGc2F0d2F5${'Zm9v'.repeat(1300)}`, 'AgEGc2F0d2F5c2hvcnQ='] as const;
const SECRETS = [...PREIMAGES, ...MACAROONS];

/** A store as an older version left it, the last writes still in its log. It stays open in `open`. */
function olderStore(version: number) {
  const path = temporaryStorePath();
  mkdirSync(dirname(path), { mode: 0o700 });
  const open = new Libsql(`${path}.older`);
  onTestFinished(() => void open.close());
  open.pragma('journal_mode=WAL');
  for (const migration of migrations.slice(0, version)) open.exec(migration);
  open.exec(`PRAGMA user_version = ${version}; INSERT INTO budgets (budget_id) VALUES ('default')`);
  for (const [index, preimageHex] of PREIMAGES.entries())
    addPaid(open, `p${index}`, `${index}`.repeat(64), MACAROONS[index] ?? '', preimageHex);
  addPaid(open, 'deleted', 'f'.repeat(64), MACAROONS[0], PREIMAGES[0]);
  open.exec(
    `DELETE FROM credentials WHERE purchase_id = 'deleted'; DELETE FROM purchases WHERE purchase_id = 'deleted'`,
  );
  for (const end of ['', '-wal']) {
    copyFileSync(`${path}.older${end}`, path + end);
    chmodSync(path + end, 0o600);
  }
  return { path };
}

function addPaid(connection: Libsql.Database, id: string, hash: string, macaroon: string, preimage: string): void {
  connection
    .prepare(
      `INSERT INTO purchases (purchase_id, state, wallet_id, budget_id, idempotency_key, key_given, method, url, body_sha256_hex, origin, target_method, target_url,
         scope, payment_hash_hex, invoice, amount_msat, invoice_expires_at_ms, created_at_ms, updated_at_ms)
       VALUES (?, 'redeemed', 'wallet-a', 'default', ?, 0, 'GET', 'https://api.example/x', '', 'https://api.example', 'GET', 'https://api.example/x', 'scope', ?, 'lnbc', 5000, 9, 1, 1)`,
    )
    .run(id, id, hash);
  connection
    .prepare(
      `INSERT INTO credentials (purchase_id, wallet_id, origin, scope, state, uses_total, uses_taken, payment_hash_hex, macaroon_text, preimage_hex)
       VALUES (?, 'wallet-a', 'https://api.example', 'scope', 'good', 3, 1, ?, ?, ?)`,
    )
    .run(id, hash, macaroon, preimage);
}

/** Which secrets stand in which files of the store, in the clear. */
function plainTextIn(path: string): string[] {
  const folder = dirname(path);
  const files = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && !entry.name.includes('.older'),
  );
  return files.flatMap(({ name }) => {
    const bytes = readFileSync(join(folder, name));
    return SECRETS.filter((secret) => bytes.includes(secret.slice(0, 40))).map(
      (secret) => `${name}: ${secret.slice(0, 16)}`,
    );
  });
}

describe('a store from before there were vaults', () => {
  it.each(Array.from({ length: VAULT_SINCE - 1 }, (_, index) => index + 1))(
    'of version %i is sealed, and nothing of its plain text is left in file, log or free pages',
    (version) => {
      const { path } = olderStore(version);
      expect(plainTextIn(path).length).toBeGreaterThan(3);
      const store = temporaryStore(path);
      expect(plainTextIn(path)).toEqual([]);
      expect(store.credentials.ofPurchase('p0')).toMatchObject({
        macaroonText: MACAROONS[0],
        preimageHex: PREIMAGES[0],
      });
      expect(store.credentials.ofPurchase('p1')).toMatchObject({
        macaroonText: MACAROONS[1],
        preimageHex: PREIMAGES[1],
      });
      const key = { walletId: 'wallet-a', origin: 'https://api.example', scope: 'scope' };
      expect(store.credentials.takeUse(key, 0)).toMatchObject({ purchaseId: 'p0' });
    },
  );

  it('is left whole in the clear where no key can be had, and sealed when there is one', () => {
    const { path } = olderStore(3);
    const before = plainTextIn(path);
    writeFileSync(`${path}.key`, 'no key', { mode: 0o600 });
    expect(() => openPurchaseStore({ path })).toThrow(expect.objectContaining({ code: 'VAULT_KEY_DAMAGED' }));
    expect(plainTextIn(path)).toEqual(before);
    writeFileSync(`${path}.key`, 'ab'.repeat(32), { mode: 0o600 });
    expect(temporaryStore(path).credentials.ofPurchase('p0')).toMatchObject({ preimageHex: PREIMAGES[0] });
    expect(plainTextIn(path)).toEqual([]);
  });

  it('is sealed while another program reads it, and rewritten when that one is done', () => {
    const { path } = olderStore(3);
    const reader = new Libsql(path);
    reader.exec('BEGIN');
    expect(reader.prepare('SELECT COUNT(*) AS n FROM credentials').get()).toMatchObject({ n: 2 });
    const store = openPurchaseStore({ path });
    expect(store.credentials.ofPurchase('p0')).toMatchObject({ preimageHex: PREIMAGES[0] });
    store.close();
    expect(plainTextIn(path)).not.toEqual([]);
    reader.exec('COMMIT');
    reader.close();
    openPurchaseStore({ path }).close();
    expect(plainTextIn(path)).toEqual([]);
  });

  it('refuses what an older program would still write', () => {
    const { path } = olderStore(3);
    const older = new Libsql(path);
    onTestFinished(() => void older.close());
    const settle = older.prepare('UPDATE credentials SET preimage_hex = ? WHERE purchase_id = ?');
    temporaryStore(path);
    expect(() => settle.run(PREIMAGES[0], 'p0')).toThrow(/no such column/);
    expect(existsSync(`${path}.key`)).toBe(true);
  });
});
