import { createHash, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { acquireProcessLock, isSatwayError, type ProcessLock } from '@satway/base';

/**
 * One run of `satway pay`, known by a key on disk until its answer was delivered. A run that is killed, or whose output fails, leaves its key: the next run of the
 * same thing is then the same logical call, which pays nothing and gets the answer again.
 */
export interface PendingCall {
  readonly idempotencyKey: string;
  /** The answer is where it should go, or there is none to wait for: the next run is another call. */
  settle(): void;
  /** Leaves the key for the next run. */
  leave(): void;
}

/** What makes two runs the same call. */
export interface CalledThing {
  readonly method: string;
  readonly url: string;
  readonly body: string | Uint8Array | null;
}

const KEY = /^[0-9a-f]{64}$/;
/** Runs at the same time, each with a slot of its own; more share nothing with earlier ones. */
const SLOTS = 64;

/**
 * Takes up the key that an earlier run of this thing left, or writes a fresh one. Runs at the same time never share one.
 *
 * @param folder - made when missing, for its owner only.
 */
export function openPendingCall(folder: string, thing: CalledThing): PendingCall {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const name = digestOf(thing);
  const left = slotsLeftBy(folder, name);
  for (const slot of [...left, ...Array.from({ length: SLOTS }, (_, index) => index)]) {
    const lock = tryLock(join(folder, `slot-${slot}.lock`));
    if (lock !== null) return openSlot(join(folder, `${name}-${slot}.key`), lock);
  }
  return { idempotencyKey: freshKey(), settle: () => undefined, leave: () => undefined };
}

function openSlot(keyFile: string, lock: ProcessLock): PendingCall {
  const idempotencyKey = readKey(keyFile) ?? writeKey(keyFile);
  return {
    idempotencyKey,
    settle() {
      rmSync(keyFile, { force: true });
      lock.release();
    },
    leave: () => lock.release(),
  };
}

function slotsLeftBy(folder: string, name: string): number[] {
  return readdirSync(folder)
    .filter((file) => file.startsWith(`${name}-`) && file.endsWith('.key'))
    .map((file) => Number(file.slice(name.length + 1, -'.key'.length)));
}

function tryLock(path: string): ProcessLock | null {
  try {
    return acquireProcessLock(path);
  } catch (error) {
    if (isSatwayError(error, 'PROCESS_LOCK_HELD')) return null;
    throw error;
  }
}

/** A key that was half written when its run died was never sent. */
function readKey(file: string): string | null {
  try {
    const text = readFileSync(file, 'utf8');
    return KEY.test(text) ? text : null;
  } catch {
    return null;
  }
}

/** On disk before it is used. */
function writeKey(file: string): string {
  const key = freshKey();
  const handle = openSync(file, 'w', 0o600);
  writeSync(handle, key);
  fsyncSync(handle);
  closeSync(handle);
  return key;
}

function freshKey(): string {
  return randomBytes(32).toString('hex');
}

function digestOf({ method, url, body }: CalledThing): string {
  const bodyDigest = createHash('sha256')
    .update(body ?? '')
    .digest('hex');
  return createHash('sha256').update(`${method}\n${url}\n${bodyDigest}`).digest('hex').slice(0, 32);
}
