import { readFileSync } from 'node:fs';
import type { InlineSecret, SecretPlaces } from '@satway/gateway';
import { gatewayRoom } from '../../gateway-room.js';
import type { PlainSecret, UnreadFile } from './facts.js';
import type { SecretPath } from './file-facts.js';
import { learn, type Learned } from './learned.js';
import { findPlainSecrets } from './plain-secrets.js';

/** A configuration, or the file of a wallet alone. */
export interface ConfigFile {
  readonly path: string;
  readonly isWalletFile: boolean;
}

/** What can be told of a file without using it. */
export interface ConfigFileFacts {
  /** What stands in it in plain text, in the order of its lines. */
  readonly secrets: readonly PlainSecret[];
  /** Itself, and the files that it names. */
  readonly paths: readonly SecretPath[];
  /** `null` where all of it could be looked through. */
  readonly unread: UnreadFile | null;
  /** Where it names a file that nobody can tell. */
  readonly unfilled: readonly UnreadFile[];
}

/**
 * Looks a file through twice: as YAML, and line by line, which finds what stands in a comment, or in a file that is no YAML.
 *
 * @param environment - where the placeholders in its paths are looked up.
 */
export async function gatherConfigFile(file: ConfigFile, environment: NodeJS.ProcessEnv): Promise<ConfigFileFacts> {
  const { path, isWalletFile } = file;
  const { findSecretPlaces } = await gatewayRoom();
  const places = await learn(() => findSecretPlaces(path, isWalletFile ? 'wallet' : 'gateway', environment));
  const isText = places.known || places.code === 'CONFIG_INVALID';
  const ofLines = isText ? findPlainSecrets(path, readFileSync(path, 'utf8'), isWalletFile) : [];
  const secrets = withInline(file, ofLines, places.known ? places.value.inline : []);
  const unfilled = places.known ? places.value.unfilled.map((key) => unfilledAt(path, key)) : [];
  return { secrets, paths: pathsOf(path, secrets, places), unread: unreadOf(path, places), unfilled };
}

/** Each line is told once. */
function withInline(
  { path, isWalletFile }: ConfigFile,
  ofLines: readonly PlainSecret[],
  inline: readonly InlineSecret[],
): PlainSecret[] {
  const lines = new Set(ofLines.map(({ line }) => line));
  const others = inline
    .filter(({ line }) => !lines.has(line))
    .map(({ key, line }) => ({ file: path, line, name: key.slice(key.lastIndexOf('.') + 1), isWalletFile }));
  return [...ofLines, ...others].toSorted((a, b) => a.line - b.line);
}

function pathsOf(path: string, secrets: readonly PlainSecret[], places: Learned<SecretPlaces>): SecretPath[] {
  const isSecret = secrets.length > 0;
  // Whoever changes an address in it receives the wallet's secret there.
  const itself = { path, what: isSecret ? 'a secret stands in it' : 'says where the wallet is', isSecret };
  const named = places.known ? places.value.files : [];
  return [itself, ...named.map(({ key, path: file, isSecret: holds }) => ({ path: file, what: key, isSecret: holds }))];
}

function unreadOf(path: string, places: Learned<SecretPlaces>): UnreadFile | null {
  if (places.known) return null;
  return { path, why: places.code === 'CONFIG_INVALID' ? 'is no YAML that can be used' : 'cannot be read' };
}

function unfilledAt(path: string, key: string): UnreadFile {
  return { path, why: `names a file by a variable that is not set (${key})` };
}
