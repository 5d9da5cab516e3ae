import { dirname, resolve } from 'node:path';
import { type ConfigFile, configSchema } from './config-schema.js';
import { completeConfig } from './complete-config.js';
import { configInvalid, noYaml, readConfigText } from './config-text.js';
import { listContradictions } from './contradictions.js';
import type { GatewayConfig } from './gateway-config.js';
import type { ConfigMistake } from './mistake.js';
import { readNamedSources } from './named-sources.js';
import { fillPlaceholders, withoutConsequences } from './placeholders.js';
import { mistakesOfIssues } from './schema-mistakes.js';
import type { SourceContext } from './secret-source.js';
import { plainSecrets } from './wallet-contradictions.js';
import { readYaml } from './yaml-source.js';

/** How a configuration is read. */
export interface LoadConfigOptions {
  /** Told the name of each variable whose value was read as a secret; whoever starts processes takes it out of `process.env` then. */
  readonly onSecretRead?: (variable: string) => void;
}

/**
 * Reads, checks, completes and freezes a configuration file, and the secrets that it names. The file of master keys must be usable too.
 *
 * @param path - `satway.yaml`; relative paths in it count from its folder.
 * @param environment - where variables are looked up; default `process.env`.
 * @throws {SatwayError} `CONFIG_UNREADABLE`; `CONFIG_INVALID`, whose `detail` lists every mistake at once, each on a line of its own as
 * `line:column path message`. Funds moved: no.
 */
export async function loadGatewayConfig(
  path: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
  { onSecretRead }: LoadConfigOptions = {},
): Promise<GatewayConfig> {
  const source = readYaml(await readConfigText(path));
  if (source.syntaxMistakes.length > 0) throw noYaml(path, source.syntaxMistakes);
  const context: SourceContext = { folder: dirname(resolve(path)), environment, mistakes: [], onSecretRead };
  const data = fillPlaceholders(source.data ?? {}, context);
  const unfilled = [...context.mistakes];
  const sources = await readNamedSources(data, context);
  const ofSources = context.mistakes.slice(unfilled.length);
  const { file, mistakes: ofFile } = checkFile(data);
  const others = [...ofFile, ...plainSecrets(asEntry(source.data)), ...ofSources];
  const mistakes = [...unfilled, ...withoutConsequences(others, unfilled)];
  if (file === null || mistakes.length > 0) throw configInvalid(path, source.describe(mistakes));
  return deepFreeze(completeConfig(file, sources, context.folder));
}

function checkFile(data: unknown): { readonly file: ConfigFile | null; readonly mistakes: readonly ConfigMistake[] } {
  const parsed = configSchema.safeParse(data, { reportInput: true });
  const ofSchema = parsed.success ? [] : mistakesOfIssues(parsed.error.issues);
  return { file: parsed.success ? parsed.data : null, mistakes: [...ofSchema, ...listContradictions(data)] };
}

function asEntry(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const child of Object.values(value)) deepFreeze(child as unknown);
  return Object.freeze(value);
}
