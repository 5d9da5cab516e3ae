import { mkdirSync } from 'node:fs';
import { SatwayError } from '@satway/base';
import { purchaseStorePathIn, satwayHome } from '@satway/client';

export { purchaseStorePathIn, satwayHome };

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

/** The file of purchases, with `SATWAY_HOME` there. @throws {SatwayError} `CLI_USAGE`, `CREDENTIAL_STORE_REFUSED`. */
export function purchaseStorePath(environment: NodeJS.ProcessEnv): string {
  openSatwayHome(environment);
  return purchaseStorePathIn(environment);
}
