import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** For its owner only: what is kept this way is a secret, or tells what somebody buys. */
const FILE_MODE = 0o600;

/**
 * Puts a text into a file (mode 0600), in place of what is there. Whole and on the disk when it returns, its name too, power cut included; a reader sees
 * the old text or the new one.
 *
 * @throws what `node:fs` throws; then the old file is as it was.
 */
export function replaceFileDurably(path: string, text: string): void {
  withDraft(path, text, (draft) => renameSync(draft, path));
}

/**
 * As `replaceFileDurably`, where no file may be there yet: of several processes that make one at the same time exactly one wins.
 *
 * @throws what `node:fs` throws; `EEXIST` where there is one already, which is as it was.
 */
export function createFileDurably(path: string, text: string): void {
  withDraft(path, text, (draft) => linkSync(draft, path));
}

/** Makes a folder (mode 0700) and those that are missing above it, all with their names on the disk. Nothing happens where it is. */
export function makeFolderDurably(folder: string): void {
  const first = mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) syncFolder(dirname(made));
}

/** Waits until what was written to a file, by whomever, is on the disk. */
export function syncFile(path: string): void {
  const handle = openSync(path, 'r+');
  syncAndClose(handle);
}

/** Likewise for the names in a folder. Windows opens no folders, and makes names durable by itself. */
export function syncFolder(folder: string): void {
  if (process.platform !== 'win32') syncAndClose(openSync(folder, 'r'));
}

/** A draft of its own, so that several may write the same file; one that a crash leaves behind lies still. */
function withDraft(path: string, text: string, name: (draft: string) => void): void {
  const draft = `${path}.${randomBytes(8).toString('hex')}.new`;
  try {
    const handle = openSync(draft, 'wx', FILE_MODE);
    syncAndClose(handle, () => writeFileSync(handle, text));
    name(draft);
    syncFolder(dirname(path));
  } finally {
    rmSync(draft, { force: true });
  }
}

function syncAndClose(handle: number, write: () => void = () => undefined): void {
  try {
    write();
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
