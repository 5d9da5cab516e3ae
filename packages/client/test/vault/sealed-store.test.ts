import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Libsql from 'libsql';
import { describe, expect, it } from 'vitest';
import { openPurchaseStore, type PurchaseStore } from '../../src/index.js';
import { quoteOf, temporaryStore, temporaryStorePath, valueOf } from '../temporary-store.js';

const preimageHex = (number: number) => number.toString(16).padStart(2, '0').repeat(32);
const coded = (code: string) => expect.objectContaining({ code });

function buy(store: PurchaseStore, number: number): string {
  store.budgets.registerCap('default', 1_000_000);
  const macaroonText = `AgEGc2F0d2F5-macaroon-${number}`;
  const purchaseId = valueOf(store.journal.quote(quoteOf(number, { macaroonText, usesTotal: 3 })));
  valueOf(store.journal.reserve(purchaseId, { feeCeilingMsat: 0, maxTotalMsat: 1_000_000 }));
  store.journal.startSending(purchaseId);
  store.journal.settle(purchaseId, { preimageHex: preimageHex(number), amountMsat: 5000, feeMsat: 0 });
  return purchaseId;
}

/** A store with two paid credentials, closed. */
function boughtStore() {
  const path = temporaryStorePath();
  const store = openPurchaseStore({ path });
  const ids = [buy(store, 0xa1), buy(store, 0xb2)] as const;
  store.close();
  return { path, ids };
}

/** Every lasting file of the folder, by name, as bytes; the one of the shared memory is made anew by each process. */
function bytesBeside(path: string): Record<string, string> {
  const folder = dirname(path);
  const files = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && !entry.name.endsWith('-shm'),
  );
  return Object.fromEntries(files.map(({ name }) => [name, readFileSync(join(folder, name)).toString('hex')]));
}

/** The same as digests: what differs is told in short. */
function digestsBeside(path: string): Record<string, string> {
  const digest = (hex: string) => createHash('sha256').update(hex).digest('hex');
  return Object.fromEntries(Object.entries(bytesBeside(path)).map(([name, hex]) => [name, digest(hex)]));
}

function tamper(path: string, sql: string): void {
  const connection = new Libsql(path);
  connection.exec(sql);
  connection.close();
}

const key = { walletId: 'wallet-a', origin: 'https://api.example', scope: 'endpoint:acme/item' };

describe('the purchase store', () => {
  it('holds neither macaroon nor preimage in the clear, in no file, open or closed', () => {
    const path = temporaryStorePath();
    const store = temporaryStore(path);
    const purchaseId = buy(store, 0xa1);
    const secrets = [preimageHex(0xa1), 'AgEGc2F0d2F5-macaroon-161'];
    for (const text of Object.values(bytesBeside(path)))
      for (const secret of secrets) expect(text).not.toContain(Buffer.from(secret).toString('hex'));
    expect(store.credentials.ofPurchase(purchaseId)).toMatchObject({
      preimageHex: secrets[0],
      macaroonText: secrets[1],
    });
  });

  it.each([
    ['missing', 'VAULT_KEY_MISSING', (file: string) => rmSync(file)],
    ['another', 'VAULT_KEY_WRONG', (file: string) => writeFileSync(file, `${'00'.repeat(32)}\n`)],
    ['damaged', 'VAULT_KEY_DAMAGED', (file: string) => writeFileSync(file, 'oops')],
  ] as const)('is refused with its key %s, and every file stays as it is', (_, code, change) => {
    const { path, ids } = boughtStore();
    const rightKey = readFileSync(`${path}.key`);
    change(`${path}.key`);
    const before = digestsBeside(path);
    expect(() => openPurchaseStore({ path })).toThrow(coded(code));
    expect(digestsBeside(path)).toEqual(before);
    writeFileSync(`${path}.key`, rightKey, { mode: 0o600 });
    expect(temporaryStore(path).credentials.ofPurchase(ids[0])).toMatchObject({ preimageHex: preimageHex(0xa1) });
  });

  it('refuses two credentials whose secrets were swapped, and takes no use of them', () => {
    const { path, ids } = boughtStore();
    tamper(
      path,
      `CREATE TEMP TABLE swapped AS SELECT a.purchase_id AS id, b.preimage_sealed AS sealed FROM credentials a JOIN credentials b ON a.purchase_id <> b.purchase_id;
       UPDATE credentials SET preimage_sealed = (SELECT sealed FROM swapped WHERE id = purchase_id)`,
    );
    const store = temporaryStore(path);
    for (const id of ids) expect(() => store.credentials.ofPurchase(id)).toThrow(coded('VAULT_DAMAGED'));
    const before = store.credentials.list();
    expect(() => store.credentials.takeUse(key, 0)).toThrow(coded('VAULT_DAMAGED'));
    expect(store.credentials.list()).toEqual(before);
  });

  it.each([
    [
      'its two secrets were swapped',
      'UPDATE credentials SET macaroon_sealed = preimage_sealed, preimage_sealed = macaroon_sealed',
    ],
    ['it was made to name another host', `UPDATE credentials SET origin = 'https://evil.example'`],
    ['plain text was put there', `UPDATE credentials SET preimage_sealed = '${preimageHex(0xa1)}'`],
    ['it was cut', `UPDATE credentials SET macaroon_sealed = substr(macaroon_sealed, 1, 40)`],
  ])('refuses a credential when %s, and goes on buying', (_, sql) => {
    const { path, ids } = boughtStore();
    tamper(path, sql);
    const store = temporaryStore(path);
    expect(() => store.credentials.ofPurchase(ids[0])).toThrow(coded('VAULT_DAMAGED'));
    expect(store.credentials.ofPurchase(buy(store, 0xc3))).toMatchObject({ preimageHex: preimageHex(0xc3) });
  });

  it.each([
    ['is gone', 'DELETE FROM vault'],
    ['has another check', `UPDATE vault SET key_check = 'v1.AAAA'`],
    ['names another vault', `UPDATE vault SET vault_id = 'another'`],
    ['names another place of the key', `UPDATE vault SET key_place = 'given'`],
  ])('is refused when the record of its key %s, and gets no new one', (_, sql) => {
    const { path } = boughtStore();
    tamper(path, sql);
    const before = digestsBeside(path);
    expect(() => openPurchaseStore({ path })).toThrow(coded('VAULT_DAMAGED'));
    expect(digestsBeside(path)).toEqual(before);
  });

  it('can be stopped and read without its key, and opens no secret so', () => {
    const { path, ids } = boughtStore();
    rmSync(`${path}.key`);
    const store = openPurchaseStore({ path, unlock: 'when-needed' });
    store.budgets.freeze('a person says so');
    expect([store.journal.list().length, store.credentials.list().length]).toEqual([2, 2]);
    expect(() => store.credentials.ofPurchase(ids[0])).toThrow(coded('VAULT_KEY_MISSING'));
    expect(() => store.journal.quote(quoteOf(3))).toThrow(coded('VAULT_KEY_MISSING'));
    expect(store.journal.list()).toHaveLength(2);
    store.close();
    expect(readdirSync(dirname(path))).not.toContain('purchases.db.key');
  });

  it('gives each store a key of its own, and takes one that the caller keeps', () => {
    const first = boughtStore();
    const second = boughtStore();
    expect(readFileSync(`${first.path}.key`)).not.toEqual(readFileSync(`${second.path}.key`));
    const path = temporaryStorePath();
    const vaultKey = Buffer.alloc(32, 9);
    openPurchaseStore({ path, vaultKey }).close();
    expect(Object.keys(bytesBeside(path))).not.toContain('purchases.db.key');
    expect(() => openPurchaseStore({ path })).toThrow(coded('VAULT_KEY_MISSING'));
    openPurchaseStore({ path, vaultKey }).close();
  });
});
