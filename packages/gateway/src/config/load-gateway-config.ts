import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { SatwayError } from '@satway/base';
import { type ConfigFile, configSchema } from './config-schema.js';
import { completeConfig } from './complete-config.js';
import { listContradictions } from './contradictions.js';
import type { GatewayConfig } from './gateway-config.js';
import type { ConfigMistake } from './mistake.js';
import { readNamedSources } from './named-sources.js';
import { mistakesOfIssues } from './schema-mistakes.js';
import { readYaml, type YamlSource } from './yaml-source.js';

/** Longer files are not configurations. */
const MAX_FILE_BYTES = 4 * 1_048_576;

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
): Promise<GatewayConfig> {
  const source = readYaml(await readConfigText(path));
  if (source.syntaxMistakes.length > 0) throw invalid(path, source.syntaxMistakes);
  const folder = dirname(resolve(path));
  const ofSources: ConfigMistake[] = [];
  const sources = await readNamedSources(source.data, { folder, environment, mistakes: ofSources });
  return deepFreeze(completeConfig(checkFile(source, path, ofSources), sources, folder));
}

function checkFile(source: YamlSource, path: string, ofSources: readonly ConfigMistake[]): ConfigFile {
  const parsed = configSchema.safeParse(source.data ?? {}, { reportInput: true });
  const ofSchema: readonly ConfigMistake[] = parsed.success ? [] : mistakesOfIssues(parsed.error.issues);
  const mistakes = [...ofSchema, ...listContradictions(source.data), ...ofSources];
  if (!parsed.success || mistakes.length > 0) throw invalid(path, source.describe(mistakes));
  return parsed.data;
}

async function readConfigText(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    if (bytes.length <= MAX_FILE_BYTES) return bytes.toString('utf8');
  } catch (cause) {
    throw new SatwayError('CONFIG_UNREADABLE', { detail: path, cause });
  }
  throw new SatwayError('CONFIG_UNREADABLE', { detail: `${path} is longer than ${MAX_FILE_BYTES} bytes.` });
}

function invalid(path: string, lines: readonly string[]): SatwayError {
  const count = lines.length === 1 ? '1 mistake' : `${lines.length} mistakes`;
  return new SatwayError('CONFIG_INVALID', {
    detail: `${path} has ${count}:\n${lines.map((line) => `  ${line}`).join('\n')}`,
    facts: { path, mistakes: lines.length },
  });
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const child of Object.values(value)) deepFreeze(child as unknown);
  return Object.freeze(value);
}
