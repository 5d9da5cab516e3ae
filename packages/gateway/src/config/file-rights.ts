import { stat } from 'node:fs/promises';
import type { SecretPlaces } from './secret-places.js';

/** What others than the owner and a trusted group should not be able to do: read a secret, or put another in its place. */
const MAY_READ_OR_CHANGE = 0o027;
const MAY_CHANGE = 0o022;

/**
 * Warns where others may read a secret, or change what decides who receives one: the wallet file itself names the address to which its macaroon is sent,
 * and a certificate whom to trust there.
 *
 * @param path - of the wallet file.
 */
export async function warnOfOpenFiles(
  path: string,
  { files, inline }: Pick<SecretPlaces, 'files' | 'inline'>,
  warn: (message: string) => void,
): Promise<void> {
  if (process.platform === 'win32') return;
  await warnOfOpenFile(path, inline.length > 0, 'says where the secret of the wallet is sent', warn);
  for (const file of files) await warnOfOpenFile(file.path, file.isSecret, 'says whom the wallet trusts', warn);
}

async function warnOfOpenFile(
  file: string,
  isSecret: boolean,
  otherwise: string,
  warn: (message: string) => void,
): Promise<void> {
  const mode = await stat(file).then(
    (stats) => stats.mode,
    () => null,
  );
  if (mode === null) warn(`${file}: nobody can tell who may read or change it.`);
  else if (isSecret && (mode & MAY_READ_OR_CHANGE) !== 0) {
    const others = (mode & MAY_CHANGE) === 0 ? 'read' : 'read or changed';
    warn(`${file} holds a secret and may be ${others} by others: chmod 600 ${file}`);
  } else if ((mode & MAY_CHANGE) !== 0) warn(`${file} ${otherwise} and may be changed by others: chmod go-w ${file}`);
}
