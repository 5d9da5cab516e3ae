import { setTimeout as delay } from 'node:timers/promises';
import { acquireProcessLock, isSatwayError, type ProcessLock } from '@satway/base';

const RETRY_MS = 20;
/** Adding a key takes some milliseconds; who holds the lock for longer hangs. */
const PATIENCE_MS = 10_000;

/**
 * Takes the lock of a key file, so that between the reading of the file and its replacement nobody else's key comes in and is lost.
 *
 * @throws {SatwayError} `PROCESS_LOCK_HELD` where its holder does not give it back in ten seconds; `PROCESS_LOCK_FAILED`.
 */
export async function awaitKeyFileLock(path: string): Promise<ProcessLock> {
  const endMs = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return acquireProcessLock(`${path}.lock`);
    } catch (cause) {
      if (!isSatwayError(cause, 'PROCESS_LOCK_HELD') || performance.now() > endMs) throw cause;
    }
    await delay(RETRY_MS);
  }
}
