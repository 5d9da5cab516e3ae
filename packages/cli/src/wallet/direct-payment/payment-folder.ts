import { constants, copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  acquireProcessLock,
  isProcessLockHeld,
  isSatwayError,
  makeFolderDurably,
  replaceFileDurably,
  SatwayError,
  syncFile,
  syncFolder,
} from '@satway/base';
import { type PaymentRecord, parseRecord } from './payment-record.js';

/** One payment hash in our hands: no other process can read or write its record until it is released. */
export interface HeldPayment {
  /** `null` where this payment was never sent from here. */
  readonly record: PaymentRecord | null;
  /** On disk when it returns, power cut included. @throws {SatwayError} `PURCHASE_STORE_FAILED`; what was there before is still there. */
  write(record: PaymentRecord): void;
  release(): void;
}

/**
 * Takes one payment hash in hand.
 *
 * @param folder - made when missing, for its owner only; on a local disk.
 * @throws {SatwayError} `PURCHASE_UNDER_WAY` where another process has it; `PAYMENT_UNKNOWN` where its record is damaged; `PURCHASE_STORE_UNUSABLE` and
 * `PROCESS_LOCK_FAILED` where the folder cannot be used (funds moved: no).
 */
export function holdPayment(folder: string, paymentHashHex: string): HeldPayment {
  makeFolder(folder);
  const lock = takeLock(lockIn(folder, paymentHashHex), paymentHashHex);
  try {
    return {
      record: readRecord(folder, paymentHashHex),
      write: (record) => writeRecord(folder, record),
      release: () => lock.release(),
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** One payment hash in our hands whose record cannot be read. */
interface HeldDamaged extends Pick<HeldPayment, 'write' | 'release'> {
  /** Copies the damaged file to a name of its own beside it, on disk when it returns. @returns the copy's path. @throws {SatwayError} `PURCHASE_STORE_FAILED`. */
  keepAside(): string;
}

/**
 * Takes a payment hash in hand whose record is damaged.
 *
 * @throws {SatwayError} `PURCHASE_UNDER_WAY`; `PURCHASE_STATE_CONFLICT` where it can be read; `PURCHASE_STORE_UNUSABLE`, `PROCESS_LOCK_FAILED`.
 */
export function holdDamaged(folder: string, paymentHashHex: string): HeldDamaged {
  const lock = takeLock(lockIn(folder, paymentHashHex), paymentHashHex);
  try {
    if (!isDamaged(folder, paymentHashHex)) {
      throw new SatwayError('PURCHASE_STATE_CONFLICT', { detail: 'Its record can be read: look again.' });
    }
    return {
      keepAside: () => keepAside(folder, paymentHashHex),
      write: (record) => writeRecord(folder, record),
      release: () => lock.release(),
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function isDamaged(folder: string, paymentHashHex: string): boolean {
  try {
    readRecord(folder, paymentHashHex);
    return false;
  } catch (error) {
    if (isSatwayError(error, 'PAYMENT_UNKNOWN')) return true;
    throw error;
  }
}

/** A copy, so that at no instant the hash is without a record that keeps it from being paid. */
function keepAside(folder: string, paymentHashHex: string): string {
  const file = recordIn(folder, paymentHashHex);
  const copy = `${file}.damaged-${new Date().toISOString().replaceAll(':', '-')}`;
  return storing(folder, paymentHashHex, () => {
    copyFileSync(file, copy, constants.COPYFILE_EXCL);
    syncFile(copy);
    syncFolder(folder);
    return copy;
  });
}

/**
 * Reads a record that may be in somebody else's hands: it is whole, and may be old in a moment.
 *
 * @throws {SatwayError} `PAYMENT_UNKNOWN` where it is damaged; `PURCHASE_STORE_UNUSABLE`.
 */
export function readRecord(folder: string, paymentHashHex: string): PaymentRecord | null {
  const file = recordIn(folder, paymentHashHex);
  const text = unlessMissing(folder, () => readFileSync(file, 'utf8'));
  return text === null ? null : parseRecord(text, paymentHashHex);
}

/** The payment hashes of what was ever sent from here, whatever became of it. @throws {SatwayError} `PURCHASE_STORE_UNUSABLE`. */
export function listRecords(folder: string): string[] {
  const files = unlessMissing(folder, () => readdirSync(folder)) ?? [];
  return files.flatMap((file) => /^([0-9a-f]{64})\.json$/.exec(file)?.[1] ?? []);
}

/** Whether a living process has this payment in hand. @throws {SatwayError} `PROCESS_LOCK_FAILED`. */
export function isInHand(folder: string, paymentHashHex: string): boolean {
  const path = lockIn(folder, paymentHashHex);
  return existsSync(path) && isProcessLockHeld(path);
}

const recordIn = (folder: string, paymentHashHex: string): string => join(folder, `${paymentHashHex}.json`);
const lockIn = (folder: string, paymentHashHex: string): string => join(folder, `${paymentHashHex}.lock`);

function makeFolder(folder: string): void {
  try {
    makeFolderDurably(folder);
  } catch (cause) {
    throw unusable(folder, cause);
  }
}

function unusable(folder: string, cause: unknown): SatwayError {
  const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  return new SatwayError('PURCHASE_STORE_UNUSABLE', {
    detail: `The folder of direct payments, ${folder}, cannot be used (${why}); SATWAY_HOME says where it lies.`,
    cause,
  });
}

function unlessMissing<T>(folder: string, read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw unusable(folder, error);
  }
}

function takeLock(path: string, paymentHashHex: string) {
  try {
    return acquireProcessLock(path);
  } catch (error) {
    if (!isSatwayError(error, 'PROCESS_LOCK_HELD')) throw error;
    throw new SatwayError('PURCHASE_UNDER_WAY', {
      detail: 'It is paying this invoice now.',
      facts: { paymentHashHex },
      cause: error,
    });
  }
}

function writeRecord(folder: string, record: PaymentRecord): void {
  const { paymentHashHex } = record;
  storing(folder, paymentHashHex, () =>
    replaceFileDurably(recordIn(folder, paymentHashHex), `${JSON.stringify(record)}\n`),
  );
}

function storing<T>(folder: string, paymentHashHex: string, store: () => T): T {
  try {
    return store();
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    const detail = `The record of this payment cannot be written in ${folder} (${why}).`;
    throw new SatwayError('PURCHASE_STORE_FAILED', { detail, facts: { paymentHashHex }, cause });
  }
}
