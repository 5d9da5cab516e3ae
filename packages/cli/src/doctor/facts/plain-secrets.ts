import { isSecretName, redactText } from '@satway/base';
import type { PlainSecret } from './facts.js';

/** A key and the value behind it, in YAML of either form and in JSON. A key begins nowhere inside a word: linear in the length of the line. */
const PAIR =
  /(?<![A-Za-z0-9_-])([A-Za-z][A-Za-z0-9_-]*)["']?\s*:\s*(?:"([^"]*)"|'([^']*)'|(\$\{[^}]*\}|[^\s,}#"'][^\s,}]*))/g;
/** Names under which a wallet's secret stands in our own files, besides those that are secret everywhere. */
const OUR_NAMES = new Set(['key', 'invoicekey']);
/** Raw keys, macaroons and preimages; shorter hex is a name. */
const LONG_HEX = /^[0-9a-fA-F]{32,}$/;
/** Fingerprints and public keys are long hex and public. */
const PUBLIC_NAMES = new Set(['tlsfingerprint', 'tlsfingerprint256', 'pubkey', 'publickey']);
const PLACEHOLDER = /\$\{[A-Za-z_][A-Za-z0-9_]*\}/g;
/** What stands in for a variable that is not set stands in the file in plain text. */
const DEFAULT = /^\$\{[A-Za-z_][A-Za-z0-9_]*:-([^}]*)\}$/;

/**
 * Where a configuration holds something that looks like a secret: by its name, or by its form. Reads lines and not YAML, so that a file with other mistakes
 * is looked through as well, its comments too.
 */
export function findPlainSecrets(file: string, text: string, isWalletFile = false): PlainSecret[] {
  return text.split('\n').flatMap((line, index) => {
    const name = secretIn(line);
    return name === null ? [] : [{ file, line: index + 1, name, isWalletFile }];
  });
}

/** Longer, it may be the first half of a credential (`macaroon:preimage`). */
const LONGEST_NAME = 31;
const BY_FORM = 'by its form';

function secretIn(line: string): string | null {
  for (const [, name = '', double, single, plain] of line.matchAll(PAIR)) {
    if (isSecret(name, (double ?? single ?? plain ?? '').trim())) return name.length > LONGEST_NAME ? BY_FORM : name;
  }
  const written = line.replace(PLACEHOLDER, '');
  return redactText(written) === written ? null : BY_FORM;
}

function isSecret(name: string, text: string): boolean {
  const value = DEFAULT.exec(text)?.[1] ?? text;
  const plainName = name.toLowerCase().replace(/[-_]/g, '');
  if (value.replace(PLACEHOLDER, '') === '' || PUBLIC_NAMES.has(plainName)) return false;
  if (LONG_HEX.test(value)) return true;
  return (isSecretName(name) || OUR_NAMES.has(plainName)) && !/^[[{|>]/.test(value);
}
