import { readFileSync, statSync } from 'node:fs';
import { notConfigured } from './not-configured.js';

/** Macaroons, certificates and keys are a few hundred bytes to a few thousand. */
const MAX_FILE_BYTES = 64 * 1024;

/** What others than the owner and a trusted group should not be able to do: read it, or put another in its place. */
const TOO_OPEN = 0o027;

/** The bytes of a file that a variable names. @throws {SatwayError} `WALLET_NOT_CONFIGURED`. */
export function readNamedFile(variable: string, path: string): Buffer {
  const bytes = attempt(variable, () => (statSync(path).size > MAX_FILE_BYTES ? null : readFileSync(path)));
  if (bytes === null) throw notConfigured(`The file that ${variable} names is larger than 64 KiB.`);
  return bytes;
}

/** Whether people outside the owner's group may read a file, or others than its owner write it. Always false where the system knows no such rights. */
export function isTooOpen(path: string): boolean {
  if (process.platform === 'win32') return false;
  return (statSync(path).mode & TOO_OPEN) !== 0;
}

function attempt<T>(variable: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw notConfigured(`The file that ${variable} names cannot be read (${systemCode(error)}).`);
  }
}

/** The system's short code; its message would repeat the path, which may be a secret that was put into the wrong variable. */
function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown reason';
}
