import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the buying side keeps its purchases: `SATWAY_HOME`, else `~/.satway`. Made when missing, for its owner only. */
export function openSatwayHome(environment: NodeJS.ProcessEnv): string {
  const folder = environment['SATWAY_HOME'] ?? join(homedir(), '.satway');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

export function purchaseStorePath(environment: NodeJS.ProcessEnv): string {
  return join(openSatwayHome(environment), 'purchases.db');
}
