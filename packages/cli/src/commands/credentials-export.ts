import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SatwayError } from '@satway/base';
import { lngetPathOf } from '@satway/client';
import type { Command } from 'commander';
import { findCredential } from '../credentials/index.js';
import { createOutput } from '../output/index.js';
import { withPurchases } from '../payments/index.js';

interface ExportOptions {
  readonly lnget?: boolean;
  readonly store?: string;
  readonly json?: boolean;
}

const HELP = `
The file holds macaroon and preimage as they are: whoever reads it can use what was paid for. The credential stays in the store, which goes on counting its own uses only.
Nothing that is there is written over.

Examples:
  satway credentials export 3f9a1c04 ./l402.token
  satway credentials export 3f9a1c04 ~/.lnget/tokens --lnget`;

export function addCredentialsExportCommand(credentials: Command): void {
  credentials
    .command('export')
    .description('Write a paid credential as the token file of an Aperture client or lnget.')
    .argument('<credential>', 'its id or its payment hash, or 8 or more digits that either begins with')
    .argument('<path>', 'the file, or the folder in which l402.token is made')
    .option('--lnget', 'the path is lnget’s folder of tokens')
    .option('--store <file>', 'file of purchases')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action((name: string, path: string, options: ExportOptions) => exportOne(name, path, options));
}

async function exportOne(name: string, path: string, { lnget, store: file, json }: ExportOptions): Promise<void> {
  const output = createOutput(json === true);
  await withPurchases(
    file,
    (store) => {
      const { credentialId } = findCredential(store, name);
      const written = store.credentials.exportToken(credentialId);
      if (!written.ok) throw refusal(written.detail ?? '');
      const target = lnget === true ? lngetPathOf(path, written.value.origin) : inFolder(path);
      writeNew(target, written.value.bytes);
      output.event({ credentialId, origin: written.value.origin, file: target });
      output.line(`Written to ${target}. Whoever reads it can use what was paid for.`);
    },
    () => {
      throw new SatwayError('CREDENTIAL_NOT_FOUND', { detail: 'There is no purchase store.' });
    },
  );
}

function inFolder(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? join(path, 'l402.token') : path;
}

function writeNew(path: string, bytes: Uint8Array): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, bytes, { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    const isThere = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    const why = isThere ? 'is there already, and nothing is written over.' : 'cannot be written.';
    throw new SatwayError('CREDENTIAL_FILE_INVALID', { detail: `${path} ${why}`, cause });
  }
}

function refusal(detail: string): SatwayError {
  return new SatwayError('CREDENTIAL_FILE_INVALID', { detail });
}
