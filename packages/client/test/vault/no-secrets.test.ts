import { Buffer } from 'node:buffer';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import Libsql from 'libsql';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { L402Client, type L402ClientOptions } from '../../src/index.js';
import { openLightning } from '../support/lightning.js';
import { type SellerOptions, startSeller } from '../support/seller.js';
import { temporaryStore } from '../temporary-store.js';

/** Everything that the process writes while a test runs. */
let written = '';
beforeEach(() => {
  written = '';
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      written += String(chunk);
      return true;
    });
  }
});
afterEach(() => vi.restoreAllMocks());

/** Everything that a program could show of a value: as JSON, and as deep as an inspection goes, hidden fields, stacks and causes included. */
function shown(...values: readonly unknown[]): string {
  return values
    .flatMap((value) => [
      inspect(value, { depth: 20, showHidden: true, getters: true, maxArrayLength: null, maxStringLength: null }),
      JSON.stringify(value, (_, field: unknown) => (typeof field === 'bigint' ? String(field) : field)) ?? '',
      ...causesOf(value).flatMap((error) => [error.message, error.stack ?? '', JSON.stringify(error)]),
    ])
    .join('\n');
}

function causesOf(value: unknown): Error[] {
  return value instanceof Error ? [value, ...causesOf(value.cause)] : [];
}

/** All files below a folder, as text. */
function filesBelow(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

/** In every spelling in which it could slip out. */
function spellings(hex: string): string[] {
  const bytes = Buffer.from(hex, 'hex');
  return [
    hex,
    hex.toUpperCase(),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('latin1'),
  ];
}

async function setTheScene(selling: Partial<SellerOptions> = {}) {
  const lightning = openLightning();
  const store = temporaryStore();
  const credentials: string[] = [];
  const seller = await startSeller({
    issuer: lightning.issuer,
    ...selling,
    onPaid: (request, response, hash) => {
      credentials.push(String(request.headers.authorization).replace('L402 ', ''));
      return selling.onPaid?.(request, response, hash) ?? false;
    },
  });
  const events: unknown[] = [];
  const open = (options: Partial<L402ClientOptions> = {}) => {
    const client = new L402Client({
      wallet: lightning.payer,
      store,
      onEvent: (event) => void events.push(event),
      ...options,
    });
    onTestFinished(() => client.close());
    return client;
  };
  const secrets = () =>
    credentials.flatMap((credential) => {
      const [macaroon = '', preimageHex = ''] = credential.split(':');
      return [macaroon, ...spellings(Buffer.from(macaroon, 'base64').toString('hex')), ...spellings(preimageHex)];
    });
  const key = () => spellings(readFileSync(`${store.path}.key`, 'utf8').trim());
  return { lightning, store, seller, events, open, secrets, key };
}

type Scene = Awaited<ReturnType<typeof setTheScene>>;

/** Nothing of a purchase's secrets, nor of the key, in anything that was told; and none of them in any file but the key's own. */
function expectNothingTold(scene: Scene, ...told: readonly unknown[]): void {
  const { store, events, secrets, key } = scene;
  expect(secrets().length).toBeGreaterThan(10);
  const text = [
    written,
    shown(...told, events, store.journal.list(), store.credentials.list(), store.budgets.list(), store),
    process.argv.join(' '),
    JSON.stringify(process.report.getReport()),
  ].join('\n');
  const files = filesBelow(dirname(store.path));
  for (const secret of secrets()) {
    expect(text.includes(secret)).toBe(false);
    expect(files.includes(secret)).toBe(false);
  }
  for (const secret of key()) expect(text.includes(secret)).toBe(false);
}

describe('what a purchase shows of its secrets', () => {
  it('is nothing when all goes well: in events, results, lists, output, report of the process and files', async () => {
    const scene = await setTheScene({ uses: 2 });
    const client = scene.open();
    const results = [
      await client.tryFetch(`${scene.seller.url}/item`),
      await client.tryFetch(`${scene.seller.url}/item`),
    ];
    expect(results).toMatchObject([{ ok: true }, { ok: true, payment: { source: 'cached' } }]);
    expectNothingTold(scene, results, client, client.budget());
  });

  it('is nothing when the paid credential is refused, the answer is lost, or the seller repeats the credential in its answer', async () => {
    for (const onPaid of [
      (_: unknown, response: { writeHead(status: number): { end(): unknown } }) =>
        Boolean(response.writeHead(402).end()) || true,
      (_: unknown, response: { destroy(): unknown }) => Boolean(response.destroy()) || true,
    ] as unknown as NonNullable<SellerOptions['onPaid']>[]) {
      const scene = await setTheScene({ onPaid });
      const client = scene.open();
      const result = await client.tryFetch(`${scene.seller.url}/item`, { method: 'POST', body: 'x' });
      expect(result).toMatchObject({ ok: false, fundsMoved: 'yes' });
      let thrown: unknown;
      await client
        .fetch(`${scene.seller.url}/item`, { method: 'POST', body: 'x' })
        .catch((error: unknown) => (thrown = error));
      expectNothingTold(scene, result, thrown);
    }
  });

  it('is nothing when a listener throws, and when what was kept was changed by somebody', async () => {
    const scene = await setTheScene({ uses: 3 });
    const client = scene.open({
      onEvent: () => {
        throw new Error('a listener that fails');
      },
    });
    const bought = await client.tryFetch(`${scene.seller.url}/item`);
    const connection = new Libsql(scene.store.path);
    connection.exec(`UPDATE credentials SET macaroon_sealed = substr(macaroon_sealed, 1, length(macaroon_sealed) - 4)`);
    connection.close();
    const result = await client.tryFetch(`${scene.seller.url}/item`);
    expect(result).toMatchObject({ ok: false, code: 'VAULT_DAMAGED' });
    expectNothingTold(scene, bought, result);
  });
});
