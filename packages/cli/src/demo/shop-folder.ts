import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { acquireProcessLock, type ProcessLock } from '@satway/base';

/** The folder of one demo's shop, which goes with the demo. */
export interface ShopFolder {
  readonly path: string;
  /** Takes the folder away; a second call does nothing. */
  remove(): void;
}

const NAME = /^demo-shop-[A-Za-z0-9-]+$/;

/**
 * Makes a folder for the shop of this demo, and clears those that demos left behind which were killed. The lock is there before the folder: a folder whose lock is free is
 * nobody's.
 *
 * @param home - a folder that exists.
 */
export function openShopFolder(home: string): ShopFolder {
  clearDeadShops(home);
  const path = join(home, `demo-shop-${randomUUID()}`);
  const lock = acquireProcessLock(lockOf(path));
  mkdirSync(path, { mode: 0o700 });
  return { path, remove: () => removeShop(path, lock) };
}

const lockOf = (path: string): string => `${path}.lock`;

function clearDeadShops(home: string): void {
  for (const name of readdirSync(home).filter((each) => NAME.test(each))) {
    const path = join(home, name);
    const lock = tryLock(lockOf(path));
    if (lock !== null) removeShop(path, lock);
  }
}

/** What cannot be cleared stays: it is no reason to tell no story. */
function tryLock(path: string): ProcessLock | null {
  try {
    return acquireProcessLock(path);
  } catch {
    return null;
  }
}

function removeShop(path: string, lock: ProcessLock): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } finally {
    lock.release();
    rmSync(lockOf(path), { force: true });
  }
}
