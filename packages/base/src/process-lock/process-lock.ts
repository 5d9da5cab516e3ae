import Database from 'libsql';
import { SatwayError } from '../errors/index.js';

/** A lock that this process holds until it releases it or dies. */
export interface ProcessLock {
  readonly path: string;
  /** Gives the lock back; a second call does nothing. The file stays, since removing it would race with the next holder. */
  release(): void;
}

/**
 * Takes an exclusive lock between processes, held by an open transaction on a SQLite file.
 *
 * Node has no `flock`, and a file with a process id in it means nothing across containers or after a reboot; the operating
 * system drops this lock at the holder's death, `kill -9` included. The path must lie on a local disk. Do not open the file by any other
 * means in the holding process: POSIX drops a process's locks on a file when it closes any handle to it.
 *
 * @param path - lock file; made when missing, in a folder that exists.
 * @throws {SatwayError} `PROCESS_LOCK_HELD` when somebody else, in this process or another, holds it; `PROCESS_LOCK_FAILED` when
 * the file cannot be used. Funds moved: no.
 */
export function acquireProcessLock(path: string): ProcessLock {
  const database = lockFile(path);
  let held = true;
  return {
    path,
    release() {
      if (!held) return;
      held = false;
      database.close();
    },
  };
}

/** Whether some living process holds the lock. Takes it for an instant to find out. @throws {SatwayError} `PROCESS_LOCK_FAILED`. */
export function isProcessLockHeld(path: string): boolean {
  try {
    acquireProcessLock(path).release();
    return false;
  } catch (error) {
    if (error instanceof SatwayError && error.code === 'PROCESS_LOCK_HELD') return true;
    throw error;
  }
}

function lockFile(path: string): Database.Database {
  const database = open(path);
  try {
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (cause) {
    database.close();
    throw isBusy(cause)
      ? new SatwayError('PROCESS_LOCK_HELD', { cause })
      : new SatwayError('PROCESS_LOCK_FAILED', { cause });
  }
}

function open(path: string): Database.Database {
  try {
    return new Database(path, { timeout: 0 });
  } catch (cause) {
    throw new SatwayError('PROCESS_LOCK_FAILED', { cause });
  }
}

function isBusy(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && String(cause.code).startsWith('SQLITE_BUSY');
}
