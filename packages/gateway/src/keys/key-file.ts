import { createHash, randomBytes } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isSatwayError, replaceFileDurably, SatwayError, syncFolder } from '@satway/base';
import { createKeyRing, type KeyRing, type MasterKey, masterKeyIdHex } from '@satway/protocol';
import { z } from 'zod';
import { awaitKeyFileLock } from './key-file-lock.js';

/** What may be told of a master key. */
export interface MasterKeyInfo {
  /** 8 lower-case hex digits. */
  readonly id: string;
  readonly createdAtMs: number;
  /** Until when credentials of this key are accepted; `null`: no end. */
  readonly verifyUntilMs: number | null;
  /** The newest key signs, the others verify. */
  readonly signs: boolean;
}

/** How long a key that no longer signs still verifies: the longest life that a credential can have (60 days), with room to spare. */
export const RETIRED_KEY_LIFE_MS = 90 * 86_400_000;

const unixMs = z.int().nonnegative();
const keyFileSchema = z.strictObject({
  v: z.literal(1),
  keys: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[0-9a-f]{8}$/),
        secret: z.string().regex(/^[0-9a-f]{64}$/),
        createdAtMs: unixMs,
        verifyUntilMs: unixMs.nullable(),
      }),
    )
    .min(1),
});
type KeyFile = z.infer<typeof keyFileSchema>;

/** The keys of a file, ready to sign and verify. */
export interface LoadedKeys {
  readonly ring: KeyRing;
  /** Equal for equal files; tells whether anything changed, and no secret. */
  readonly fingerprintHex: string;
}

/**
 * Reads the file of master keys and makes the ring: the newest signs.
 *
 * @throws {SatwayError} `KEY_FILE_INVALID`: missing, readable by others, not of the form `{v: 1, keys: [...]}`, two newest keys, or a newest one that has an end.
 */
export async function loadKeys(path: string): Promise<LoadedKeys> {
  const content = await readKeyFile(path);
  const fingerprintHex = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  refuseEndOfSigningKey(path, content);
  return { ring: makeRing(path, content), fingerprintHex };
}

/** Whoever deletes the newest key lets the one before it sign, which has an end since it was replaced. */
function refuseEndOfSigningKey(path: string, { keys }: KeyFile): void {
  const newestAtMs = Math.max(...keys.map((key) => key.createdAtMs));
  const ending = keys.find((key) => key.createdAtMs === newestAtMs && key.verifyUntilMs !== null);
  if (ending === undefined) return;
  throw invalid(
    path,
    `The newest key, ${ending.id}, signs, but has an end (verifyUntilMs), after which nothing that it signed would be good. ` +
      'Put the key that was deleted after it back; or run `satway keys new`, which adds one; or, where this one is to sign again, set its verifyUntilMs to null.',
  );
}

function makeRing(path: string, { keys }: KeyFile): KeyRing {
  try {
    return createKeyRing(keys.map(toMasterKey));
  } catch (cause) {
    if (isSatwayError(cause, 'KEY_RING_INVALID')) throw invalid(path, cause.detail ?? cause.message);
    throw cause;
  }
}

/** The keys of the file without their secrets, oldest first. @throws {SatwayError} `KEY_FILE_INVALID`. */
export async function listMasterKeys(path: string): Promise<MasterKeyInfo[]> {
  const { keys } = await readKeyFile(path);
  const newest = Math.max(...keys.map((key) => key.createdAtMs));
  return keys
    .map(({ id, createdAtMs, verifyUntilMs }) => ({ id, createdAtMs, verifyUntilMs, signs: createdAtMs === newest }))
    .sort((a, b) => a.createdAtMs - b.createdAtMs);
}

/**
 * Adds a fresh key, which signs from the moment the file is read again; the one that signed until now goes on verifying. Whoever adds
 * another at the same time waits.
 *
 * @throws {SatwayError} `KEY_FILE_INVALID`; `PROCESS_LOCK_HELD`, `PROCESS_LOCK_FAILED` for `<path>.lock`.
 */
export async function addMasterKey(path: string, nowMs: number = Date.now()): Promise<MasterKeyInfo> {
  // Before the lock, which would leave its file in a folder that has no keys.
  await readKeyFile(path);
  const lock = await awaitKeyFileLock(path);
  try {
    return await appendKey(path, nowMs);
  } finally {
    lock.release();
  }
}

async function appendKey(path: string, nowMs: number): Promise<MasterKeyInfo> {
  const { keys } = await readKeyFile(path);
  const createdAtMs = Math.max(nowMs, ...keys.map((key) => key.createdAtMs + 1));
  const retired = keys.map((key) => ({
    ...key,
    verifyUntilMs: key.verifyUntilMs ?? createdAtMs + RETIRED_KEY_LIFE_MS,
  }));
  const fresh = newKey(createdAtMs);
  replaceKeyFile(path, { v: 1, keys: [...retired, fresh] });
  return { id: fresh.id, createdAtMs, verifyUntilMs: null, signs: true };
}

/** A file with one fresh key, 0600. Never overwrites. @throws {SatwayError} `GATEWAY_FILES_EXIST`, `KEY_FILE_INVALID`. */
export async function createKeyFile(path: string, nowMs: number = Date.now()): Promise<void> {
  try {
    await writeNewFile(path, formatKeyFile({ v: 1, keys: [newKey(nowMs)] }));
  } catch (cause) {
    throw new SatwayError(hasCode(cause, 'EEXIST') ? 'GATEWAY_FILES_EXIST' : 'KEY_FILE_INVALID', {
      detail: path,
      cause,
    });
  }
}

async function readKeyFile(path: string): Promise<KeyFile> {
  const text = await readPrivateFile(path);
  const parsed = keyFileSchema.safeParse(parseJson(text));
  if (!parsed.success)
    throw invalid(path, 'It is not of the form {"v":1,"keys":[{id, secret, createdAtMs, verifyUntilMs}]}.');
  const ids = parsed.data.keys.map((key) => key.id);
  if (new Set(ids).size !== ids.length) throw invalid(path, 'A key stands in it twice.');
  const wrong = parsed.data.keys.find((key) => masterKeyIdHex(Buffer.from(key.secret, 'hex')) !== key.id);
  if (wrong !== undefined) throw invalid(path, `The id ${wrong.id} is not that of its secret.`);
  return parsed.data;
}

/** Anybody who can read this file can mint credentials, so nobody else may. */
async function readPrivateFile(path: string): Promise<string> {
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) === 0) return await readFile(path, 'utf8');
  } catch (cause) {
    throw new SatwayError('KEY_FILE_INVALID', { detail: `${path} cannot be read.`, cause });
  }
  throw invalid(path, 'Others than its owner may read it; give it the rights 0600.');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's own message quotes the text, which holds the secrets.
    return null;
  }
}

function replaceKeyFile(path: string, content: KeyFile): void {
  try {
    replaceFileDurably(path, formatKeyFile(content));
  } catch (cause) {
    throw new SatwayError('KEY_FILE_INVALID', { detail: `${path} cannot be written.`, cause });
  }
}

async function writeNewFile(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  syncFolder(dirname(path));
}

function newKey(createdAtMs: number): KeyFile['keys'][number] {
  const secret = randomBytes(32);
  return { id: masterKeyIdHex(secret), secret: secret.toString('hex'), createdAtMs, verifyUntilMs: null };
}

function toMasterKey(key: KeyFile['keys'][number]): MasterKey {
  return { secret: Buffer.from(key.secret, 'hex'), createdAtMs: key.createdAtMs, verifyUntilMs: key.verifyUntilMs };
}

function formatKeyFile(content: KeyFile): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}

function invalid(path: string, why: string): SatwayError {
  return new SatwayError('KEY_FILE_INVALID', { detail: `${path}: ${why}` });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
