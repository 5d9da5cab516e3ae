import { resolve } from 'node:path';
import { isSatwayError } from '@satway/base';
import { loadKeys } from '../keys/index.js';
import { macaroonHexOf, readNamedFile, readNamedVariable, type SourceContext } from './secret-source.js';

/** What stands outside the configuration file, in the files and variables that it names. Empty where there is nothing, or nothing readable. */
export interface NamedSources {
  /** The address of the database; a secret. */
  readonly storeUrl: string;
  /** Lower-case hex; a secret. */
  readonly macaroonHex: string;
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
    macaroonHex: await readMacaroon(data, context),
    tlsCertificatePem: await readCertificate(data, context),
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
  if (name !== null) return readNamedVariable(context, ['store', 'urlEnv'], name);
  const file = textAt(data, 'store', 'urlFile');
  if (file === null) return textAt(data, 'store', 'url') ?? '';
  return (await readNamedFile(context, ['store', 'urlFile'], file)).toString('utf8').trim();
}

async function readMacaroon(data: unknown, context: SourceContext): Promise<string> {
  const file = textAt(data, 'wallet', 'macaroonFile');
  if (file !== null) {
    const path = ['wallet', 'macaroonFile'];
    return checkedMacaroon(await readNamedFile(context, path, file), path, context);
  }
  const name = textAt(data, 'wallet', 'macaroonEnv');
  if (name === null) return '';
  const path = ['wallet', 'macaroonEnv'];
  return checkedMacaroon(Buffer.from(readNamedVariable(context, path, name)), path, context);
}

function checkedMacaroon(bytes: Buffer, path: readonly string[], context: SourceContext): string {
  const hex = bytes.length === 0 ? '' : macaroonHexOf(bytes);
  if (hex === null) context.mistakes.push({ path, message: 'does not hold a macaroon (raw, hex or base64)' });
  return hex ?? '';
}

async function readCertificate(data: unknown, context: SourceContext): Promise<string | null> {
  const file = textAt(data, 'wallet', 'tlsCertFile');
  if (file === null) return null;
  return (await readNamedFile(context, ['wallet', 'tlsCertFile'], file)).toString('utf8');
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
