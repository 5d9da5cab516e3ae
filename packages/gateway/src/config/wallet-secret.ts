import { macaroonHexOf } from '@satway/wallets/environment';
import type { WalletSettings } from '@satway/wallets/open-wallet';
import { readNamedFile, readNamedVariable, type SourceContext } from './secret-source.js';

export type WalletKindName = WalletSettings['kind'];
type Entry = Readonly<Record<string, unknown>>;

interface WalletSecret {
  /** The key that holds it; with `File` or `Env` behind it, the key that names where it stands. */
  readonly key: string;
  /** What it must be, for a person. */
  readonly form: string;
  /** The secret as the adapter takes it; `null` where these bytes are none. */
  readonly parse: (bytes: Uint8Array) => string | null;
}

/** What opens a wallet of each kind. */
const SECRETS: Readonly<Record<WalletKindName, WalletSecret>> = {
  lnd: { key: 'macaroon', form: 'a macaroon (raw, hex or base64)', parse: macaroonHexOf },
  lnbits: { key: 'key', form: 'a key of an LNbits wallet', parse: wordOf(/^[\x21-\x7e]{1,256}$/) },
  phoenixd: { key: 'password', form: 'a password of phoenixd', parse: wordOf(/^[\x20-\x7e]{1,1024}$/) },
  nwc: {
    key: 'uri',
    form: 'an address nostr+walletconnect://…',
    parse: wordOf(/^nostr\+?walletconnect:(?:\/\/)?[\x21-\x7e]+$/i),
  },
};

function wordOf(pattern: RegExp): WalletSecret['parse'] {
  return function parseWord(bytes) {
    const text = Buffer.from(bytes).toString('utf8').trim();
    return pattern.test(text) ? text : null;
  };
}

/** The keys that hold a secret themselves, of all kinds. */
export const INLINE_SECRET_KEYS: readonly string[] = Object.values(SECRETS).map(({ key }) => key);

/** The keys under which the secret of this kind may be given: itself, by file, by variable. */
export function secretKeys(kind: WalletKindName): readonly [inline: string, file: string, variable: string] {
  const { key } = SECRETS[kind];
  return [key, `${key}File`, `${key}Env`];
}

export function isWalletKind(value: unknown): value is WalletKindName {
  return typeof value === 'string' && Object.hasOwn(SECRETS, value);
}

/**
 * The secret of a wallet, from wherever its entry says; empty, with a mistake noted, where it cannot be had. Works on unchecked data; what has the
 * wrong type was reported elsewhere.
 */
export async function readWalletSecret(
  entry: Entry,
  path: readonly (string | number)[],
  context: SourceContext,
): Promise<string> {
  const { kind } = entry;
  if (!isWalletKind(kind)) return '';
  const given = secretKeys(kind).find((key) => isText(entry[key]));
  if (given === undefined) return '';
  const at = [...path, given];
  const bytes = await bytesOf(String(entry[given]), given, at, context);
  const secret = bytes.length === 0 ? '' : SECRETS[kind].parse(bytes);
  if (secret === null) context.mistakes.push({ path: at, message: `does not hold ${SECRETS[kind].form}` });
  return secret ?? '';
}

async function bytesOf(
  value: string,
  key: string,
  path: readonly (string | number)[],
  context: SourceContext,
): Promise<Uint8Array> {
  if (key.endsWith('File')) return readNamedFile(context, path, value);
  return key.endsWith('Env') ? readNamedVariable(context, path, value) : Buffer.from(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
