import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { SatwayError } from '@satway/base';
import { purchaseStorePathIn, satwayHome } from './satway-home.js';

/**
 * Writes down that purchases are kept in this file, before anything is bought with it, so that `satway wallet pay` looks there too. On disk when it returns, power cut included.
 *
 * @throws {SatwayError} `PURCHASE_STORE_UNUSABLE` where SATWAY_HOME cannot be written. Funds moved: no.
 */
export function rememberStore(environment: NodeJS.ProcessEnv, storePath: string): void {
  const path = resolve(storePath);
  const folder = folderIn(environment);
  const file = join(folder, createHash('sha256').update(path).digest('hex'));
  if (path === usualStore(environment) || existsSync(file)) return;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeDurably(file, path);
  } catch (cause) {
    const detail = `In ${folder} is written down which files of purchases there are, and it cannot be used.`;
    throw new SatwayError('PURCHASE_STORE_UNUSABLE', { detail, cause });
  }
}

/** The files of purchases that were ever used from here; some may be gone. @throws {SatwayError} `PURCHASE_STORE_UNUSABLE`, those of `purchaseStorePathIn`. */
export function knownStores(environment: NodeJS.ProcessEnv): string[] {
  const folder = folderIn(environment);
  const usual = [purchaseStorePathIn(environment), usualStore(environment)].map((path) => resolve(path));
  try {
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^[0-9a-f]{64}$/.test(name)) : [];
    return [...new Set([...usual, ...names.map((name) => readFileSync(join(folder, name), 'utf8'))])];
  } catch (cause) {
    throw new SatwayError('PURCHASE_STORE_UNUSABLE', { detail: `${folder} cannot be read.`, cause });
  }
}

const folderIn = (environment: NodeJS.ProcessEnv): string => join(satwayHome(environment), 'purchase-stores');
const usualStore = (environment: NodeJS.ProcessEnv): string => resolve(satwayHome(environment), 'purchases.db');

/** Two processes write the same, so they may write over each other. */
function writeDurably(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  const handle = openSync(draft, 'w', 0o600);
  try {
    writeFileSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(draft, file);
}
