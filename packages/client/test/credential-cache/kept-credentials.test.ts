import { Buffer } from 'node:buffer';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { L402Client, type PurchaseStore, readTokenFile, type TokenFile } from '../../src/index.js';
import { openLightning } from '../support/lightning.js';
import { mintToken, startSeller, type TokenOptions } from '../support/seller.js';
import { scriptedWallet } from '../support/wallets.js';
import { quoteOf, temporaryStore, valueOf } from '../temporary-store.js';

const NOW_MS = 1_800_000_000_000;
const place = { url: 'https://api.example/v1/item', nowMs: NOW_MS };

/** A paid token of our own kind, or one whose caveats say nothing that can be read. */
function paidToken(options: Pick<TokenOptions, 'expiresAtMs' | 'bound'> = {}): TokenFile {
  const preimage = randomBytes(32);
  const paymentHashHex = createHash('sha256').update(preimage).digest('hex');
  const macaroon = Buffer.from(mintToken({ paymentHashHex, expiresAtMs: NOW_MS + 1, ...options }), 'base64');
  return {
    macaroon,
    paymentHashHex,
    preimageHex: preimage.toString('hex'),
    amountMsat: 5000,
    feeMsat: 7,
    createdAtMs: 5,
  };
}

// Made with Go, as in the test of the token file.
const FOREIGN: TokenFile = {
  macaroon: Buffer.from(
    '0201046c73617402420000ae216c2ef5247a3782c135efa279a3e4cdc61094270f5d2be58c6204b7a612c9777777777777777777777777777777777777777777777777777777777777777700021273657276696365733d776561746865723a30000219776561746865725f6361706162696c69746965733d7265616400000620b808c84e43d0ffb83bcb94e7295c5728827ebcc1676953dcf5ff79cdcff1ba41',
    'hex',
  ),
  paymentHashHex: 'ae216c2ef5247a3782c135efa279a3e4cdc61094270f5d2be58c6204b7a612c9',
  preimageHex: '0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20',
  amountMsat: 21_000,
  feeMsat: 3,
  createdAtMs: 1_790_000_000_123,
};

function clientWith(store: PurchaseStore, wallet = scriptedWallet()): L402Client {
  const client = new L402Client({ wallet, store });
  onTestFinished(() => client.close());
  return client;
}

describe('a credential that another program paid for', () => {
  it('is sealed, listed without its secrets, and known when it comes again', () => {
    const store = temporaryStore();
    const token = paidToken();
    const taken = valueOf(store.credentials.importToken(token, place));
    expect(taken.added).toBe(true);
    expect(valueOf(store.credentials.importToken(token, place))).toEqual({ ...taken, added: false });
    const listed = store.credentials.list();
    expect(listed).toMatchObject([
      {
        credentialId: taken.credentialId,
        origin: 'https://api.example',
        state: 'good',
        imported: true,
        usesTotal: 1,
        usesTaken: 0,
      },
    ]);
    const files = readdirSync(dirname(store.path), { withFileTypes: true }).filter((entry) => entry.isFile());
    const kept = files.map(({ name }) => readFileSync(join(dirname(store.path), name), 'latin1')).join('');
    for (const secret of [token.preimageHex, Buffer.from(token.macaroon).toString('base64')]) {
      expect(kept).not.toContain(secret);
      expect(JSON.stringify(listed)).not.toContain(secret);
    }
  });

  it('comes out again as it went in', () => {
    const store = temporaryStore();
    const { credentialId } = valueOf(store.credentials.importToken(FOREIGN, place));
    const { bytes, origin } = valueOf(store.credentials.exportToken(credentialId));
    expect(origin).toBe('https://api.example');
    expect(readTokenFile(bytes)).toEqual({
      ok: true,
      value: { ...FOREIGN, macaroon: new Uint8Array(FOREIGN.macaroon) },
    });
  });

  it.each([
    ['has expired', paidToken({ expiresAtMs: NOW_MS }), place],
    ['has no URL to go to', FOREIGN, { ...place, url: 'api.example' }],
    ['is for a file', FOREIGN, { ...place, url: 'file:///etc/passwd' }],
  ])('is refused when it %s', (_, token, where) => {
    const store = temporaryStore();
    expect(store.credentials.importToken(token, where)).toMatchObject({ ok: false, code: 'CREDENTIAL_FILE_INVALID' });
    expect(store.credentials.list()).toEqual([]);
  });

  it('is refused while a purchase of the same payment is not done, and for another host', () => {
    const store = temporaryStore();
    store.budgets.registerCap('default', 1_000_000);
    const token = paidToken();
    valueOf(store.journal.quote(quoteOf(1, { paymentHashHex: token.paymentHashHex })));
    const reused = { ok: false, code: 'PAYMENT_HASH_REUSED' };
    expect(store.credentials.importToken(token, place)).toMatchObject(reused);
    valueOf(store.credentials.importToken(FOREIGN, place));
    expect(store.credentials.importToken(FOREIGN, { ...place, url: 'https://evil.example' })).toMatchObject(reused);
  });

  it('keeps its invoice from being paid a second time', () => {
    const store = temporaryStore();
    store.budgets.registerCap('default', 1_000_000);
    valueOf(store.credentials.importToken(FOREIGN, place));
    expect(store.journal.quote(quoteOf(1, { paymentHashHex: FOREIGN.paymentHashHex }))).toMatchObject({
      ok: false,
      code: 'PAYMENT_HASH_REUSED',
    });
  });

  it('that one store bought and wrote out is used by another before anything is bought, by any wallet', async () => {
    const lightning = openLightning();
    const seller = await startSeller({ issuer: lightning.issuer, uses: 3 });
    const first = temporaryStore();
    const url = `${seller.url}/item`;
    expect((await clientWith(first, lightning.payer as never).fetch(url)).status).toBe(200);
    const [bought] = first.credentials.list();
    const file = valueOf(first.credentials.exportToken(bought?.credentialId ?? ''));
    const token = readTokenFile(file.bytes);
    expect(token).toMatchObject({
      ok: true,
      value: { amountMsat: 5000, feeMsat: 0, paymentHashHex: bought?.paymentHashHex },
    });
    const second = temporaryStore();
    if (token.ok) valueOf(second.credentials.importToken(token.value, { url, nowMs: Date.now() }));
    const wallet = scriptedWallet();
    expect(await clientWith(second, wallet).tryFetch(url)).toMatchObject({
      ok: true,
      payment: { source: 'cached', paidMsat: 0 },
    });
    expect(wallet.payments).toEqual([]);
    expect(lightning.settledMsat()).toEqual([5000]);
    expect(seller.seen).toHaveLength(3);
  });

  it('that says nothing of what it opens is tried on its whole host, on no other, and given up when it is refused', async () => {
    const lightning = openLightning();
    const seller = await startSeller({ issuer: lightning.issuer });
    const elsewhere = await startSeller({ issuer: lightning.issuer });
    const store = temporaryStore();
    const { credentialId } = valueOf(store.credentials.importToken(FOREIGN, { url: seller.url, nowMs: Date.now() }));
    const client = clientWith(store, lightning.payer as never);
    expect(await client.tryFetch(`${elsewhere.url}/any`)).toMatchObject({ payment: { source: 'bought' } });
    expect(elsewhere.seen.map(({ headers }) => headers.authorization ?? '').join()).not.toContain(FOREIGN.preimageHex);
    expect(await client.tryFetch(`${seller.url}/any/path`)).toMatchObject({ ok: true, payment: { source: 'cached' } });
    expect(await client.tryFetch(`${seller.url}/another`)).toMatchObject({ ok: true, payment: { source: 'bought' } });
    const stateOf = () => store.credentials.list().find((kept) => kept.imported)?.state;
    expect(stateOf()).toBe('refused');
    const again = valueOf(store.credentials.importToken(FOREIGN, { url: seller.url, nowMs: Date.now() }));
    expect([again.added, again.credentialId === credentialId, stateOf()]).toEqual([true, false, 'good']);
  });

  it('tells of a bought one that it was handed over', () => {
    const store = temporaryStore();
    store.budgets.registerCap('default', 1_000_000);
    const purchaseId = valueOf(store.journal.quote(quoteOf(1)));
    valueOf(store.journal.reserve(purchaseId, { feeCeilingMsat: 0, maxTotalMsat: 1_000_000 }));
    store.journal.startSending(purchaseId);
    store.journal.settle(purchaseId, { preimageHex: 'ab'.repeat(32), amountMsat: 5000, feeMsat: 0 });
    expect(store.credentials.list()).toMatchObject([{ imported: false, handedOver: false }]);
    store.journal.handOver(purchaseId);
    expect(store.credentials.list()).toMatchObject([{ credentialId: purchaseId, handedOver: true }]);
  });

  it.each([
    ['body', { bodySha256Hex: 'ab'.repeat(32) }],
    ['query', { querySha256Hex: 'ab'.repeat(32) }],
  ])('is given out for the %s alone to which it is bound, whatever scope is asked for', (_, bound) => {
    const store = temporaryStore();
    valueOf(store.credentials.importToken(paidToken({ expiresAtMs: NOW_MS + 1, bound }), place));
    const [{ origin, scope } = { origin: '', scope: '' }] = store.credentials.list();
    const take = (thing?: { method: string; url: string; bodySha256Hex: string }) =>
      store.credentials.takeUse({ walletId: 'any', origin, scope }, NOW_MS, thing);
    expect(take({ method: 'GET', url: place.url, bodySha256Hex: 'cd'.repeat(32) })).toBeNull();
    expect(take()).not.toBeNull();
  });

  it('is not written out before it is paid, nor where there is none', () => {
    const store = temporaryStore();
    store.budgets.registerCap('default', 1_000_000);
    const unpaid = valueOf(store.journal.quote(quoteOf(1)));
    for (const id of [unpaid, 'nothing'])
      expect(store.credentials.exportToken(id)).toMatchObject({ ok: false, code: 'CREDENTIAL_FILE_INVALID' });
  });
});
