import { dirname, resolve } from 'node:path';
import type { WalletSettings } from '@satway/wallets/open-wallet';
import { completeWallet } from './complete-wallet.js';
import { configInvalid, noYaml, readConfigText } from './config-text.js';
import type { ConfigMistake } from './mistake.js';
import { readWalletSources } from './named-sources.js';
import { fillPlaceholders, withoutConsequences } from './placeholders.js';
import { warnOfOpenFiles } from './file-rights.js';
import { mistakesOfIssues } from './schema-mistakes.js';
import { secretPlacesIn } from './secret-places.js';
import type { SourceContext } from './secret-source.js';
import { contradictionsOfWallet } from './wallet-contradictions.js';
import { walletFileSchema } from './wallet-schema.js';
import { readYaml, type YamlSource } from './yaml-source.js';

export interface WalletFileOptions {
  /** Where variables are looked up; default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Told what is right but careless; default `process.emitWarning`. */
  readonly warn?: (message: string) => void;
  /** Told the name of each variable whose value was read as a secret. */
  readonly onSecretRead?: (variable: string) => void;
}

/**
 * Reads a file in YAML or JSON that holds what stands under `wallet:` in satway.yaml; other than there, the secret itself may stand in it (`macaroon`,
 * `key`, `password`, `uri`), and `maxParts` for a wallet that pays. Relative paths in it count from its folder. Warns where other
 * users of the machine may read a secret, or change one of the files that decide who receives it.
 *
 * @throws {SatwayError} `CONFIG_UNREADABLE`; `CONFIG_INVALID`, whose `detail` lists every mistake as `line:column path message`. Funds moved: no.
 */
export async function loadWalletFile(path: string, options: WalletFileOptions = {}): Promise<WalletSettings> {
  const { environment = process.env, warn = (message) => process.emitWarning(message), onSecretRead } = options;
  const source = readYaml(await readConfigText(path));
  if (source.syntaxMistakes.length > 0) throw noYaml(path, source.syntaxMistakes);
  const context: SourceContext = { folder: dirname(resolve(path)), environment, mistakes: [], onSecretRead };
  const settings = await readWallet(source, path, context);
  await warnOfOpenFiles(resolve(path), secretPlacesIn(source, 'wallet', context), warn);
  return settings;
}

async function readWallet(source: YamlSource, path: string, context: SourceContext): Promise<WalletSettings> {
  const data = fillPlaceholders(source.data ?? {}, context);
  const unfilled = [...context.mistakes];
  const placed = { entry: asEntry(data), path: [] };
  const parsed = walletFileSchema.safeParse(data, { reportInput: true });
  const sources = await readWalletSources(placed, context);
  const ofSchema: readonly ConfigMistake[] = parsed.success ? [] : mistakesOfIssues(parsed.error.issues, 'wallet file');
  const others = [...ofSchema, ...contradictionsOfWallet(placed), ...context.mistakes.slice(unfilled.length)];
  const mistakes = [...unfilled, ...withoutConsequences(others, unfilled)];
  if (!parsed.success || mistakes.length > 0) throw configInvalid(path, source.describe(mistakes));
  return completeWallet(parsed.data, sources);
}

function asEntry(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
