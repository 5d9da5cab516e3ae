import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  acquireProcessLock,
  isSatwayError,
  makeFolderDurably,
  type ProcessLock,
  replaceFileDurably,
  SatwayError,
} from '@satway/base';

/**
 * One run of `satway pay`, known by a key on disk until its answer was delivered. A run that is killed, or whose output fails, leaves its key: the next run of the
 * same thing is then the same logical call, which pays nothing and gets the answer again.
 */
export interface PendingCall {
  readonly idempotencyKey: string;
  /** An earlier run left the key, and may have sent or paid something under it. */
  readonly takenUp: boolean;
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

/**
 * Takes up the key that an earlier run of this thing left, or writes a fresh one. Runs at the same time never share one.
 *
 * @param folder - made when missing, for its owner only.
 * @param isPaid - whether something was bought under a key; of several that were left, such a one goes first.
 * @throws {SatwayError} `PURCHASE_STORE_UNUSABLE`, `PROCESS_LOCK_FAILED`. Funds moved: no.
 */
export function openPendingCall(
  folder: string,
  thing: CalledThing,
  isPaid: (idempotencyKey: string) => boolean = () => false,
): PendingCall {
  try {
    makeFolderDurably(folder);
    const name = digestOf(thing);
    return takeUp(folder, name, isPaid) ?? begin(folder, name);
  } catch (cause) {
    if (cause instanceof SatwayError) throw cause;
    throw new SatwayError('PURCHASE_STORE_UNUSABLE', { detail: `The folder ${folder} cannot be used.`, cause });
  }
}

function takeUp(folder: string, name: string, isPaid: (idempotencyKey: string) => boolean): PendingCall | null {
  const left = slotsLeftBy(folder, name).map((slot) => {
    const key = readKey(keyFileOf(folder, name, slot));
    return { slot, rank: key !== null && isPaid(key) ? 0 : 1 };
  });
  for (const { slot } of left.toSorted((a, b) => a.rank - b.rank)) {
    const lock = tryLock(lockFileOf(folder, slot));
    if (lock === null) continue;
    // Its run may have come to its end just now.
    if (existsSync(keyFileOf(folder, name, slot))) return openSlot(folder, keyFileOf(folder, name, slot), lock);
    lock.release();
  }
  return null;
}

/** In a slot that no key of any other thing lies in: whoever holds a slot's lock keeps that thing from being taken up. */
function begin(folder: string, name: string): PendingCall {
  for (let slot = 0; ; slot++) {
    const lock = isFree(folder, slot) ? tryLock(lockFileOf(folder, slot)) : null;
    if (lock === null) continue;
    if (isFree(folder, slot)) return openSlot(folder, keyFileOf(folder, name, slot), lock);
    lock.release();
  }
}

function openSlot(folder: string, keyFile: string, lock: ProcessLock): PendingCall {
  const left = readKey(keyFile);
  return {
    idempotencyKey: left ?? writeKey(keyFile),
    takenUp: left !== null,
    settle() {
      rmSync(keyFile, { force: true });
      lock.release();
    },
    leave: () => lock.release(),
  };
}

function keyFileOf(folder: string, name: string, slot: number): string {
  return join(folder, `${name}-${slot}.key`);
}

function lockFileOf(folder: string, slot: number): string {
  return join(folder, `slot-${slot}.lock`);
}

function slotsLeftBy(folder: string, name: string): number[] {
  return readdirSync(folder)
    .filter((file) => file.startsWith(`${name}-`) && file.endsWith('.key'))
    .map((file) => Number(file.slice(name.length + 1, -'.key'.length)));
}

function isFree(folder: string, slot: number): boolean {
  return !readdirSync(folder).some((file) => file.endsWith(`-${slot}.key`));
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
  } catch (error) {
    // One that is there and cannot be read must not be lost for a fresh one.
    if (existsSync(file)) throw error;
    return null;
  }
}

/** On disk before it is used, and its name too: without it the next run after a power cut would be another call, and pay again. */
function writeKey(file: string): string {
  const key = randomBytes(32).toString('hex');
  replaceFileDurably(file, key);
  return key;
}

function digestOf({ method, url, body }: CalledThing): string {
  const bodyDigest = createHash('sha256')
    .update(body ?? '')
    .digest('hex');
  return createHash('sha256')
    .update(`${method}\n${addressOf(url)}\n${bodyDigest}`)
    .digest('hex')
    .slice(0, 32);
}

/** The address that is asked, however it was typed. */
function addressOf(url: string): string {
  if (!URL.canParse(url)) return url;
  const parsed = new URL(url);
  parsed.hash = '';
  return parsed.href;
}
