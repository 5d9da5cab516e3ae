import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SatwayError } from '@satway/base';
import { openPrivateFolder, prepareFolder } from './private-folder.js';

/** Longer than a credential is sold for; what is older is swept away at the next start. */
const KEEP_MS = 90 * 24 * 3_600_000;
/** Narrowing costs nothing, and every narrower credential is a file. */
const MAX_FILES = 200;
const NAME = /^cred_[0-9a-f-]{36}$/;

/** A token that lies in a file, for whoever it is handed to. */
export interface KeptCredential {
  readonly credentialId: string;
  /** Holds the token and nothing else, for its owner alone. */
  readonly file: string;
}

/** Tokens of credentials that were bought to be handed over: by the place of a file, so that they pass through no conversation. */
export interface CredentialFolder {
  /** Before anything is paid: whether there is a place for a token. @throws {SatwayError} `MCP_PLACE_UNUSABLE`, `MCP_CREDENTIALS_FULL`. Funds moved: no. */
  prepare(): void;
  /** @throws {SatwayError} `MCP_NOT_KEPT`. */
  keep(token: string): KeptCredential;
  /** The token of an id; also of an earlier process. @throws {SatwayError} `MCP_CREDENTIAL_UNKNOWN`. */
  read(credentialId: string): string;
}

export function openCredentialFolder({ folder, nowMs }: { folder: string; nowMs: () => number }): CredentialFolder {
  let isSwept = false;
  return {
    prepare() {
      prepareFolder(folder);
      if (!isSwept) sweep(folder, nowMs() - KEEP_MS);
      isSwept = true;
      if (tokensIn(folder).length >= MAX_FILES) throw new SatwayError('MCP_CREDENTIALS_FULL');
    },
    keep(token) {
      const credentialId = `cred_${randomUUID()}`;
      const file = join(folder, `${credentialId}.token`);
      try {
        openPrivateFolder(folder);
        writeFileSync(file, `${token}\n`, { mode: 0o600, flag: 'wx' });
      } catch (cause) {
        throw new SatwayError('MCP_NOT_KEPT', { detail: 'The credential cannot be written to a file.', cause });
      }
      return { credentialId, file };
    },
    read(credentialId) {
      if (!NAME.test(credentialId)) throw new SatwayError('MCP_CREDENTIAL_UNKNOWN');
      try {
        return readFileSync(join(folder, `${credentialId}.token`), 'utf8').trim();
      } catch (cause) {
        throw new SatwayError('MCP_CREDENTIAL_UNKNOWN', { cause });
      }
    },
  };
}

function tokensIn(folder: string): string[] {
  return readdirSync(folder).filter((each) => each.endsWith('.token'));
}

function sweep(folder: string, beforeMs: number): void {
  for (const name of tokensIn(folder)) {
    const stats = statSync(join(folder, name), { throwIfNoEntry: false });
    if (stats !== undefined && stats.mtimeMs < beforeMs) rmSync(join(folder, name), { force: true });
  }
}
