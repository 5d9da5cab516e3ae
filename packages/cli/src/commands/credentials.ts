import type { KeptCredential } from '@satway/client';
import type { Command } from 'commander';
import { createOutput, plainText } from '../output/index.js';
import { withPurchases } from '../payments/index.js';
import { addCredentialsExportCommand } from './credentials-export.js';
import { addCredentialsForgetCommand } from './credentials-forget.js';
import { addCredentialsImportCommand } from './credentials-import.js';

interface ListOptions {
  readonly store?: string;
  readonly json?: boolean;
}

/** `satway credentials`: what was paid for and can be used, and how it gets in and out. */
export function addCredentialsCommand(program: Command): void {
  const credentials = program
    .command('credentials')
    .description('List the credentials that were paid for, and exchange them with Aperture clients and lnget.');
  credentials
    .command('list')
    .description('List the credentials in the purchase store, without their secrets.')
    .option('--store <file>', 'file of purchases')
    .option('--json', 'print one JSON array')
    .action((options: ListOptions) => listCredentials(options));
  addCredentialsImportCommand(credentials);
  addCredentialsExportCommand(credentials);
  addCredentialsForgetCommand(credentials);
}

async function listCredentials({ store: file, json }: ListOptions): Promise<void> {
  const output = createOutput(json === true);
  const kept = await withPurchases(
    file,
    (store) => store.credentials.list().filter(({ state }) => state !== 'pending'),
    () => [] as KeptCredential[],
  );
  output.event(kept.map((credential) => ({ ...credential })));
  if (kept.length === 0) output.line('There is none.');
  for (const credential of kept) output.line(lineFor(credential));
}

function lineFor({
  credentialId,
  origin,
  scope,
  state,
  expiresAtMs,
  imported,
  handedOver,
  ...uses
}: KeptCredential): string {
  const left = uses.usesTotal === null ? 'uses not counted' : `${uses.usesTotal - uses.usesTaken} uses left`;
  const until = expiresAtMs === null ? 'no known end' : `until ${new Date(expiresAtMs).toISOString()}`;
  const whence = imported ? 'imported' : 'bought';
  const where = handedOver ? ', handed over' : '';
  return `${credentialId}  ${state}  ${whence}${where}  ${origin}  ${plainText(scope).slice(1, -1)}  ${left}, ${until}`;
}
