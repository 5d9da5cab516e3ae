import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SatwayError } from '@satway/base';

/** Where the buying side keeps its purchases: `SATWAY_HOME`, else `~/.satway`. */
export function satwayHome(environment: NodeJS.ProcessEnv): string {
  return environment['SATWAY_HOME'] ?? join(homedir(), '.satway');
}

/** The file of purchases, which may not be there yet. */
export function purchaseStorePathIn(environment: NodeJS.ProcessEnv): string {
  return join(satwayHome(environment), 'purchases.db');
}

/** The folder, made when missing, for its owner only. @throws {SatwayError} `CLI_USAGE`. */
export function openSatwayHome(environment: NodeJS.ProcessEnv): string {
  const folder = satwayHome(environment);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new SatwayError('CLI_USAGE', {
      detail: `Purchases cannot be kept in ${folder}: it is no folder, and none can be made there. SATWAY_HOME names another.`,
      cause,
    });
  }
  return folder;
}

/** The file of purchases, in a folder that is there. */
export function purchaseStorePath(environment: NodeJS.ProcessEnv): string {
  return join(openSatwayHome(environment), 'purchases.db');
}
