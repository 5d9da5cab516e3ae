import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeFolderDurably, replaceFileDurably, SatwayError } from '@satway/base';
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
    makeFolderDurably(folder);
    // Two processes write the same, so they may write over each other.
    replaceFileDurably(file, path);
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
