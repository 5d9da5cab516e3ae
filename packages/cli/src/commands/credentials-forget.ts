import { SatwayError } from '@satway/base';
import { OWN_OUTCOMES, type PurchaseStore } from '@satway/client';
import type { Command } from 'commander';
import { findCredential } from '../credentials/index.js';
import { createOutput } from '../output/index.js';
import { withPurchases } from '../payments/index.js';

interface ForgetOptions {
  readonly store?: string;
  readonly json?: boolean;
}

const HELP = `
For one that cannot be opened any more (VAULT_DAMAGED), or that is no good: what was paid for it stays paid, and the next call of the same thing buys anew.
It stays in the list as refused.`;

export function addCredentialsForgetCommand(credentials: Command): void {
  credentials
    .command('forget')
    .description('Never use a credential again.')
    .argument('<credential>', 'its id or its payment hash, or 8 or more digits that either begins with')
    .option('--store <file>', 'file of purchases')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action((name: string, options: ForgetOptions) => forgetOne(name, options));
}

async function forgetOne(name: string, { store: file, json }: ForgetOptions): Promise<void> {
  const output = createOutput(json === true);
  await withPurchases(
    file,
    (store) => {
      const { credentialId, state } = findCredential(store, name);
      if (state === 'pending') {
        throw new SatwayError('CREDENTIAL_NOT_FOUND', {
          detail: 'Its payment is not done: satway wallet resolve ends it.',
        });
      }
      giveUp(store, credentialId);
      output.event({ credentialId, state: 'refused' });
      output.line(`${credentialId} is not used any more.`);
    },
    () => {
      throw new SatwayError('CREDENTIAL_NOT_FOUND', { detail: 'There is no purchase store.' });
    },
  );
}

/** A purchase whose answer is still due would be taken up with it. */
function giveUp(store: PurchaseStore, credentialId: string): void {
  const purchase = store.journal.get(credentialId);
  if (purchase?.state === 'settled' || purchase?.state === 'redeeming') {
    if (!store.journal.adopt(credentialId)) throw new SatwayError('PURCHASE_UNDER_WAY');
    store.journal.finishRedeeming(credentialId, OWN_OUTCOMES.givenUp);
  }
  store.credentials.drop(credentialId);
}
