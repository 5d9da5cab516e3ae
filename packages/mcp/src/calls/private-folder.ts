import { randomUUID } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SatwayError } from '@satway/base';

/** Makes a folder that only its owner can look into. A link would lead what is kept there somewhere else. */
export function openPrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!lstatSync(folder).isDirectory()) throw new SatwayError('MCP_PLACE_UNUSABLE', { detail: folder });
  chmodSync(folder, 0o700);
}

/** Before anything is paid that has to be kept there. @throws {SatwayError} `MCP_PLACE_UNUSABLE`. Funds moved: no. */
export function prepareFolder(folder: string): void {
  try {
    openPrivateFolder(folder);
    const probe = join(folder, `.${randomUUID()}`);
    // Not empty: a full disk still makes files with nothing in them.
    writeFileSync(probe, 'x', { mode: 0o600, flag: 'wx' });
    rmSync(probe);
  } catch (cause) {
    throw new SatwayError('MCP_PLACE_UNUSABLE', { detail: `Nothing can be kept in ${folder}.`, cause });
  }
}
