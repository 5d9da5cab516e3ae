import { resolve } from 'node:path';
import { isSatwayError } from '@satway/base';
import { pemIn } from '@satway/wallets/environment';
import { loadKeys } from '../keys/index.js';
import { readNamedFile, readNamedVariable, type SourceContext } from './secret-source.js';
import { type PlacedWallet, placedWallets } from './wallet-contradictions.js';
import { readWalletSecret } from './wallet-secret.js';

/** What stands outside the configuration file, in the files and variables that it names. Empty where there is nothing, or nothing readable. */
export interface NamedSources {
  /** The address of the database; a secret. */
  readonly storeUrl: string;
  /** Of each wallet, in their order. */
  readonly wallets: readonly WalletSources[];
}

/** What of one wallet stands outside its entry. */
export interface WalletSources {
  /** As its adapter takes it. */
  readonly secret: string;
  /** `null` where no certificate is named. */
  readonly tlsCertificatePem: string | null;
}

/**
 * Reads what the file names. Works on unchecked data, so that a missing file is listed together with the mistakes of the schema; whatever is
 * no text was reported there and is passed over here. What cannot be read is noted in `context.mistakes`.
 */
export async function readNamedSources(data: unknown, context: SourceContext): Promise<NamedSources> {
  await checkKeyFile(textAt(data, 'keys'), context);
  return {
    storeUrl: await readStoreUrl(data, context),
    wallets: await Promise.all(
      placedWallets(data as Readonly<Record<string, unknown>>).map((wallet) => readWalletSources(wallet, context)),
    ),
  };
}

/** As `readNamedSources`, for one wallet. */
export async function readWalletSources({ entry, path }: PlacedWallet, context: SourceContext): Promise<WalletSources> {
  return {
    secret: await readWalletSecret(entry, path, context),
    tlsCertificatePem: await readCertificate(entry, path, context),
  };
}

/** The keys themselves are read by whoever signs, again and again; here it only counts that they can be. */
async function checkKeyFile(file: string | null, context: SourceContext): Promise<void> {
  if (file === null) return;
  try {
    await loadKeys(resolve(context.folder, file));
  } catch (cause) {
    if (!isSatwayError(cause, 'KEY_FILE_INVALID')) throw cause;
    context.mistakes.push({ path: ['keys'], message: `names a file that cannot be used: ${cause.detail ?? file}` });
  }
}

async function readStoreUrl(data: unknown, context: SourceContext): Promise<string> {
  if (textAt(data, 'store', 'kind') !== 'postgres') return '';
  const name = textAt(data, 'store', 'urlEnv');
  if (name !== null) return readNamedVariable(context, ['store', 'urlEnv'], name).toString('utf8').trim();
  const file = textAt(data, 'store', 'urlFile');
  if (file === null) return textAt(data, 'store', 'url') ?? '';
  return (await readNamedFile(context, ['store', 'urlFile'], file)).toString('utf8').trim();
}

async function readCertificate(
  entry: PlacedWallet['entry'],
  path: PlacedWallet['path'],
  context: SourceContext,
): Promise<string | null> {
  const file = textAt(entry, 'tlsCertFile');
  if (file === null) return null;
  return pemIn((await readNamedFile(context, [...path, 'tlsCertFile'], file)).toString('utf8'));
}

/** The text under these keys; `null` where there is none, or an empty one. */
function textAt(data: unknown, ...keys: readonly string[]): string | null {
  let value = data;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return null;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}
