import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { addMasterKey, createKeyFile, initGatewayFiles, listMasterKeys, loadGatewayConfig } from '../../src/index.js';
import { loadKeys, watchKeyFile } from '../../src/keys/index.js';
import { call } from '../support/http-call.js';
import { openShop } from '../support/shop.js';

// The id is the first four bytes of SHA-256("satway-key-id" ‖ secret), computed elsewhere.
const SECRET = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';
const ID = 'ec3f9258';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'satway-keys-'));
  path = join(folder, 'keys.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const noEvents = { onReloaded: () => undefined, onRefused: () => undefined };
const write = (content: unknown): Promise<void> =>
  writeFile(path, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 });
const key = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  id: ID,
  secret: SECRET,
  createdAtMs: 1_000,
  verifyUntilMs: null,
  ...changes,
});

describe('the file of master keys', () => {
  it('is made with the rights 0600 and one key that signs', async () => {
    await createKeyFile(path, 5_000);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await listMasterKeys(path)).toMatchObject([{ createdAtMs: 5_000, verifyUntilMs: null, signs: true }]);
  });

  it('is never overwritten', async () => {
    await write('precious');
    await expect(createKeyFile(path)).rejects.toMatchObject({ code: 'GATEWAY_FILES_EXIST' });
    expect(await readFile(path, 'utf8')).toBe('precious');
  });

  it('gives the ids of its keys by the rule of the wire', async () => {
    await write({ v: 1, keys: [key()] });
    expect(await listMasterKeys(path)).toEqual([{ id: ID, createdAtMs: 1_000, verifyUntilMs: null, signs: true }]);
  });

  it('takes a new key that signs, and lets the old one verify for its time', async () => {
    await createKeyFile(path, 5_000);
    const added = await addMasterKey(path, 9_000);
    const keys = await listMasterKeys(path);
    expect(keys.map(({ signs }) => signs)).toEqual([false, true]);
    expect(keys[0]?.verifyUntilMs).toBe(9_000 + 90 * 86_400_000);
    expect(keys[1]).toEqual(added);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('has a newest key also where the clock was set back', async () => {
    await createKeyFile(path, 5_000);
    const added = await addMasterKey(path, 1_000);
    expect(added.createdAtMs).toBe(5_001);
  });

  it('keeps every key where many are added at once', async () => {
    await createKeyFile(path);
    const added = await Promise.all(Array.from({ length: 8 }, () => addMasterKey(path)));
    const keys = await listMasterKeys(path);
    expect(keys).toHaveLength(9);
    expect(keys.map(({ id }) => id)).toEqual(expect.arrayContaining(added.map(({ id }) => id)));
    expect(keys.filter(({ signs }) => signs)).toHaveLength(1);
  });

  it('keeps every key that one of several processes was told was added', async () => {
    await createKeyFile(path);
    const script = fileURLToPath(new URL('../processes/add-keys.mjs', import.meta.url));
    const run = () => promisify(execFile)(process.execPath, [script, path, '10']);
    const told = (await Promise.all([run(), run(), run()])).flatMap(({ stdout }) => stdout.trim().split('\n'));
    expect(told).toHaveLength(30);
    const ids = (await listMasterKeys(path)).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(told));
  });

  it('that is not there leaves no lock behind', async () => {
    await expect(addMasterKey(path)).rejects.toMatchObject({ code: 'KEY_FILE_INVALID' });
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['others may read it', key(), 0o640],
    ['anybody may write to it', key(), 0o602],
  ])('is refused when %s', async (_why, content, mode) => {
    await write({ v: 1, keys: [content] });
    await chmod(path, mode);
    await expect(listMasterKeys(path)).rejects.toMatchObject({ code: 'KEY_FILE_INVALID' });
  });

  it.each([
    ['is not JSON', `{"v":1,"keys":[{"secret":"${SECRET}"`],
    ['has another version', { v: 2, keys: [key()] }],
    ['has no key', { v: 1, keys: [] }],
    ['has an unknown field', { v: 1, keys: [key({ note: 'x' })] }],
    ['has a short secret', { v: 1, keys: [key({ secret: SECRET.slice(2) })] }],
    ['has an id of another secret', { v: 1, keys: [key({ id: '00000000' })] }],
    ['has a key twice', { v: 1, keys: [key(), key()] }],
  ])('is refused when it %s, and its secret is in no message', async (_why, content) => {
    await write(content);
    const error: unknown = await listMasterKeys(path).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'KEY_FILE_INVALID' });
    expect(JSON.stringify(error) + String(error)).not.toContain(SECRET.slice(0, 16));
  });

  it('is refused when its newest key, which signs, has an end, as where the one after it was deleted; what to do is said', async () => {
    await createKeyFile(path, 5_000);
    await addMasterKey(path, 9_000);
    const [first, second] = (JSON.parse(await readFile(path, 'utf8')) as { keys: { id: string }[] }).keys;
    await write({ v: 1, keys: [first] });
    await expect(loadKeys(path)).rejects.toMatchObject({
      code: 'KEY_FILE_INVALID',
      detail: expect.stringMatching(new RegExp(`${first?.id}.*verifyUntilMs.*satway keys new.*null`, 's')) as string,
    });
    await write({ v: 1, keys: [{ ...first, verifyUntilMs: null }] });
    expect((await loadKeys(path)).ring.signingKeyIdHex).toBe(first?.id);
    await write({ v: 1, keys: [first, second] });
    expect((await loadKeys(path)).ring.signingKeyIdHex).toBe(second?.id);
  });

  it('whose newest key has an end is mended by a new key, and keeps that end', async () => {
    await write({ v: 1, keys: [key({ verifyUntilMs: 1 })] });
    const added = await addMasterKey(path, 9_000);
    expect((await loadKeys(path)).ring.signingKeyIdHex).toBe(added.id);
    expect((await listMasterKeys(path))[0]?.verifyUntilMs).toBe(1);
  });

  it('is refused where two keys are the newest', async () => {
    await createKeyFile(path, 1_000);
    const [other] = (JSON.parse(await readFile(path, 'utf8')) as { keys: unknown[] }).keys;
    await write({ v: 1, keys: [other, key()] });
    await expect(loadKeys(path)).rejects.toMatchObject({ code: 'KEY_FILE_INVALID' });
  });

  it('that is missing is refused', async () => {
    await expect(listMasterKeys(path)).rejects.toMatchObject({ code: 'KEY_FILE_INVALID' });
  });

  it('that is missing is restored, or made by `satway gateway init` where nothing was sold', async () => {
    await expect(addMasterKey(path)).rejects.toMatchObject({
      nextStep: expect.stringMatching(/from a copy.*nothing was sold.*`satway gateway init`/s) as string,
    });
  });
});

describe('the key watcher', () => {
  it('takes over a new key by itself, in one assignment', async () => {
    await createKeyFile(path);
    let reloaded: (signingKeyIdHex: string) => void = () => undefined;
    const reload = new Promise<string>((resolve) => (reloaded = resolve));
    const watcher = await watchKeyFile(path, { ...noEvents, onReloaded: (ring) => reloaded(ring.signingKeyIdHex) });
    const before = watcher.current();
    const added = await addMasterKey(path);
    expect(await reload).toBe(added.id);
    expect(watcher.current().signingKeyIdHex).toBe(added.id);
    expect(watcher.current().keyIds()).toContain(before.signingKeyIdHex);
    watcher.close();
  });

  it('answers the same ring until the keys change', async () => {
    await createKeyFile(path);
    const watcher = await watchKeyFile(path, noEvents);
    const ring = watcher.current();
    await watcher.reload();
    expect(watcher.current()).toBe(ring);
    watcher.close();
  });

  it('keeps its keys when the file becomes unusable, and says so', async () => {
    await createKeyFile(path);
    const refusals: unknown[] = [];
    const watcher = await watchKeyFile(path, { ...noEvents, onRefused: (cause) => refusals.push(cause) });
    const ring = watcher.current();
    await write('half a fi');
    await watcher.reload();
    expect(watcher.current()).toBe(ring);
    expect(refusals[0]).toMatchObject({ code: 'KEY_FILE_INVALID' });
    watcher.close();
  });
});

describe('a gateway that runs', () => {
  it('refuses a key file whose signing key has an end, and with it the whole configuration', async () => {
    const log: string[] = [];
    const shop = await openShop({ originUrl: 'http://127.0.0.1:1', log });
    onTestFinished(() => shop.close());
    const keysPath = join(shop.folder, 'keys.json');
    const { keys } = JSON.parse(await readFile(keysPath, 'utf8')) as { keys: object[] };
    await writeFile(keysPath, JSON.stringify({ v: 1, keys: keys.map((one) => ({ ...one, verifyUntilMs: 1 })) }));
    await shop.gateway.reloadKeys();
    expect(log.filter((line) => line.includes('the key file cannot be used; the old keys stay'))).not.toEqual([]);
    const configPath = join(shop.folder, 'satway.yaml');
    const dearer = (await readFile(configPath, 'utf8')).replace('priceSats: 5', 'priceSats: 6');
    await writeFile(configPath, dearer);
    expect(await shop.gateway.reload(configPath, { MACAROON: '02010203' })).toBe(false);
    const challenge = await call(`${shop.url}/v1/forecast/rome`);
    expect([challenge.status, JSON.parse(challenge.body)]).toMatchObject([402, { priceSats: 5 }]);
  });
});

describe('the first files', () => {
  it('are a configuration that says what is missing, and a key file', async () => {
    const files = await initGatewayFiles(folder);
    expect((await stat(files.keysPath)).mode & 0o777).toBe(0o600);
    expect(files.tenantId).toMatch(/^[0-9a-f-]{36}$/);
    await expect(loadGatewayConfig(files.configPath)).rejects.toThrow(
      /wallet\.macaroonFile names a file that cannot be read/,
    );
    await writeFile(join(folder, 'invoice.macaroon'), Buffer.from('0201', 'hex'));
    await writeFile(join(folder, 'tls.cert'), 'certificate');
    const config = await loadGatewayConfig(files.configPath);
    expect(config.tenant.id).toBe(files.tenantId);
  });

  it.each(['satway.yaml', 'keys.json'])('never overwrite %s, and then write nothing at all', async (name) => {
    await writeFile(join(folder, name), 'precious', { mode: 0o600 });
    await expect(initGatewayFiles(folder)).rejects.toMatchObject({ code: 'GATEWAY_FILES_EXIST' });
    expect(await readFile(join(folder, name), 'utf8')).toBe('precious');
    const other = name === 'keys.json' ? 'satway.yaml' : 'keys.json';
    await expect(stat(join(folder, other))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
