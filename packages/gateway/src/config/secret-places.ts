import { dirname, resolve } from 'node:path';
import { noYaml, readConfigText } from './config-text.js';
import { formatPath } from './mistake.js';
import { fillPlaceholders, isPlaceholder } from './placeholders.js';
import type { SourceContext } from './secret-source.js';
import { placedWallets } from './wallet-contradictions.js';
import { INLINE_SECRET_KEYS } from './wallet-secret.js';
import { readYaml, type YamlSource } from './yaml-source.js';

type Entry = Readonly<Record<string, unknown>>;
type Path = readonly (string | number)[];

/** What a file is: all of `satway.yaml`, or what stands under `wallet:` in one of its own. */
export type ConfigForm = 'gateway' | 'wallet';

/** Where the secrets stand of which a file speaks. */
export interface SecretPlaces {
  /** Other files that it names, by their path or by the `NAME_FILE` twin of a variable; whether they are there was not looked at. */
  readonly files: readonly NamedFile[];
  /** The keys that name a file by a variable which is not set: nobody knows which file is meant. */
  readonly unfilled: readonly string[];
  /** Those that stand in the file itself. */
  readonly inline: readonly InlineSecret[];
}

export interface NamedFile {
  /** The key that names it, such as `wallets[0].macaroonFile`. */
  readonly key: string;
  /** Absolute, with its placeholders filled. */
  readonly path: string;
  /** Whether nobody else may read it. A certificate is public; only whoever could change it matters. */
  readonly isSecret: boolean;
}

export interface InlineSecret {
  /** The key that holds it, such as `wallet.key`. */
  readonly key: string;
  /** From 1; the line of the key. */
  readonly line: number;
}

/**
 * Finds where the secrets stand of which a configuration speaks, without reading any. Takes a file with other mistakes too: what is a secret is known by
 * its key, of whatever kind the wallet is.
 *
 * @param environment - where placeholders are looked up; a path that cannot be filled is told by its key alone.
 * @throws {SatwayError} `CONFIG_UNREADABLE`; `CONFIG_INVALID` where it is no YAML. Funds moved: no.
 */
export async function findSecretPlaces(
  path: string,
  form: ConfigForm,
  environment: SourceContext['environment'] = process.env,
): Promise<SecretPlaces> {
  const source = readYaml(await readConfigText(path));
  if (source.syntaxMistakes.length > 0) throw noYaml(path, source.syntaxMistakes);
  return secretPlacesIn(source, form, { folder: dirname(resolve(path)), environment });
}

/** As `findSecretPlaces`, of a file that was read already. */
export function secretPlacesIn(
  source: YamlSource,
  form: ConfigForm,
  { folder, environment }: Pick<SourceContext, 'folder' | 'environment'>,
): SecretPlaces {
  const context: SourceContext = { folder, environment, mistakes: [] };
  const entries = entriesOf(fillPlaceholders(source.data, context), form);
  const unfilled = new Set(context.mistakes.map(({ path }) => formatPath(path)));
  const named = entries.flatMap((entry) => namedFiles(entry, context));
  return {
    files: named.filter(({ key }) => !unfilled.has(key)),
    unfilled: named.filter(({ key }) => unfilled.has(key)).map(({ key }) => key),
    // As it was written: what a placeholder brings in does not stand in the file.
    inline: entriesOf(source.data, form).flatMap((entry) => inlineSecrets(entry, source)),
  };
}

/** A group of keys, and what its keys may hold. */
interface PlacedEntry {
  readonly entry: Entry;
  readonly path: Path;
  /** Keys that hold a secret. */
  readonly secrets: readonly string[];
  /** Keys that hold an address, in which a password may stand. */
  readonly addresses: readonly string[];
  /** Keys that name a file: with a secret, or without. */
  readonly files: readonly string[];
  readonly publicFiles: readonly string[];
}

function entriesOf(data: unknown, form: ConfigForm): PlacedEntry[] {
  const root = asEntry(data);
  const wallets = form === 'wallet' ? [{ entry: root, path: [] }] : placedWallets(root);
  const placed = wallets.map((wallet) => ({ ...wallet, ...WALLET_KEYS }));
  if (form === 'wallet') return placed;
  const store = { ...NO_KEYS, entry: asEntry(root['store']), path: ['store'], addresses: ['url'], files: ['urlFile'] };
  return [{ ...NO_KEYS, entry: root, path: [], files: ['keys'] }, store, ...placed];
}

const NO_KEYS = { secrets: [], addresses: [], files: [], publicFiles: [] };

const WALLET_KEYS = {
  secrets: INLINE_SECRET_KEYS,
  addresses: ['url'],
  files: INLINE_SECRET_KEYS.map((key) => `${key}File`),
  publicFiles: ['tlsCertFile'],
};

function namedFiles(placed: PlacedEntry, { folder, environment }: SourceContext): NamedFile[] {
  const { entry, path, files, publicFiles } = placed;
  return Object.entries(entry).flatMap(([key, value]) => {
    if (typeof value !== 'string' || value.trim() === '') return [];
    const isSecret = files.includes(key);
    const file = isSecret || publicFiles.includes(key) ? value : twinOf(placed, key, environment[`${value}_FILE`]);
    if (file === undefined || file === '') return [];
    return [{ key: formatPath([...path, key]), path: resolve(folder, file), isSecret: !publicFiles.includes(key) }];
  });
}

/** The file that stands for a variable which the entry names. */
function twinOf({ files }: PlacedEntry, key: string, twin: string | undefined): string | undefined {
  return key.endsWith('Env') && files.includes(key.replace(/Env$/, 'File')) ? twin : undefined;
}

function inlineSecrets({ entry, path, secrets, addresses }: PlacedEntry, source: YamlSource): InlineSecret[] {
  return Object.entries(entry).flatMap(([key, value]) => {
    const isSecret = secrets.includes(key) && !isNothing(value) && !isPlaceholder(value);
    if (!isSecret && !(addresses.includes(key) && holdsPassword(value))) return [];
    return [{ key: formatPath([...path, key]), line: source.lineOf([...path, key]) }];
  });
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === 'string' && value.trim() === '');
}

const PLACEHOLDERS = /\$\{[A-Za-z_][A-Za-z0-9_]*\}/g;

/** `scheme://user:password@host`, or `?password=`. */
const PASSWORD_IN_ADDRESS = /^\s*[a-z+]+:\/\/(?:[^:/@\s]*:[^/@\s]+@|\S*[?&]password=[^&\s])/i;

/** Whether the password stands there itself, and not by a placeholder. */
function holdsPassword(value: unknown): boolean {
  return typeof value === 'string' && PASSWORD_IN_ADDRESS.test(value.replace(PLACEHOLDERS, ''));
}

function asEntry(value: unknown): Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Entry) : {};
}
