import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { acquireProcessLock, isProcessLockHeld, type ProcessLock } from '@satway/base';

/** One opened store: the process that has purchases in hand, as others see it. */
export interface Owner {
  readonly ownerId: string;
  /** Whether the process behind an owner id still lives. */
  isAlive(ownerId: string): boolean;
  /** Removes what a dead owner left on the disk. */
  bury(ownerId: string): void;
  release(): void;
}

/**
 * Takes `owner-<uuid>.lock` in a folder beside the store and holds it until the process ends, however it ends. A process id would say
 * nothing across containers or after a reboot; a lock that the operating system drops does.
 */
export function becomeOwner(storePath: string): Owner {
  const folder = `${storePath}.owners`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const ownerId = randomUUID();
  const pathOf = (id: string) => join(folder, `owner-${id}.lock`);
  const lock: ProcessLock = acquireProcessLock(pathOf(ownerId));
  return {
    ownerId,
    // Our own lock is never probed: closing a second handle would drop it.
    isAlive: (id) => id === ownerId || (existsSync(pathOf(id)) && isProcessLockHeld(pathOf(id))),
    // Safe to delete: an owner id is never taken a second time.
    bury: (id) => rmSync(pathOf(id), { force: true }),
    release() {
      lock.release();
      rmSync(pathOf(ownerId), { force: true });
    },
  };
}
