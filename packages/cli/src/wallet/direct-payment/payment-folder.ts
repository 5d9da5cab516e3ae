import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { acquireProcessLock, isSatwayError, SatwayError } from '@satway/base';
import { type PaymentRecord, parseRecord } from './payment-record.js';

/** One payment hash in our hands: no other process can read or write its record until it is released. */
export interface HeldPayment {
  /** `null` where this payment was never sent from here. */
  readonly record: PaymentRecord | null;
  /** On disk when it returns, power cut included. */
  write(record: PaymentRecord): void;
  release(): void;
}

/**
 * Takes one payment hash in hand.
 *
 * @param folder - made when missing, for its owner only; on a local disk.
 * @throws {SatwayError} `PURCHASE_UNDER_WAY` where another process has it; `PAYMENT_UNKNOWN` where its record is damaged.
 */
export function holdPayment(folder: string, paymentHashHex: string): HeldPayment {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = takeLock(join(folder, `${paymentHashHex}.lock`), paymentHashHex);
  const file = join(folder, `${paymentHashHex}.json`);
  try {
    const text = readIfThere(file);
    return {
      record: text === null ? null : parseRecord(text, paymentHashHex),
      write: (record) => writeDurably(folder, file, `${JSON.stringify(record)}\n`),
      release: () => lock.release(),
    };
  } catch (error) {
    lock.release();
    throw error;
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

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** The name changes over at once, so that a reader sees the old record or the new one, whole. */
function writeDurably(folder: string, file: string, text: string): void {
  const draft = `${file}.new`;
  const handle = openSync(draft, 'w', 0o600);
  writeSync(handle, text);
  fsyncSync(handle);
  closeSync(handle);
  renameSync(draft, file);
  syncFolder(folder);
}

function syncFolder(folder: string): void {
  // Windows opens no folders, and makes a rename durable by itself.
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  fsyncSync(handle);
  closeSync(handle);
}
