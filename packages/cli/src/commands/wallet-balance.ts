import { isSatwayError } from '@satway/base';
import type { WalletSettings } from '@satway/wallets/open-wallet';
import type { Command } from 'commander';
import { formatMsat } from '../amounts.js';
import { createOutput } from '../output/index.js';
import { readWallet, type WalletOptions, withReadingWallet, withReceivingWallet } from '../wallet/use-wallet.js';

/** `satway wallet balance`: what can be spent. */
export function addWalletBalanceCommand(wallet: Command): void {
  wallet
    .command('balance')
    .description('Say how much the wallet can spend, and receive where it tells.')
    .option('--wallet-file <file>', 'file that names the wallet')
    .option('--json', 'print one JSON object, amounts in millisatoshis')
    .addHelpText(
      'after',
      '\nExamples:\n  satway wallet balance\n  satway wallet balance --json --wallet-file buyer.yaml',
    )
    .action((options: WalletOptions) => tellBalance(options));
}

async function tellBalance(options: WalletOptions): Promise<void> {
  const output = createOutput(options.json === true);
  const settings = await readWallet(options, 'pay', output);
  const { spendableMsat, kind, network } = await withReadingWallet(settings, async (wallet) => {
    const balance = await wallet.balance();
    return { ...balance, kind: wallet.kind, network: wallet.network };
  });
  const receivableMsat = await readReceivable(settings);
  output.event({ kind, network, spendableMsat, receivableMsat });
  output.line(`It can spend ${formatMsat(spendableMsat)} (${network ?? 'on a network that it does not tell'}).`);
  if (receivableMsat !== null) output.line(`It can receive ${formatMsat(receivableMsat)}.`);
}

/** `null` where the wallet does not tell, or does not tell this credential. */
async function readReceivable(settings: WalletSettings): Promise<number | null> {
  try {
    return await withReceivingWallet(settings, (wallet) => wallet.receivableMsat());
  } catch (error) {
    if (isSatwayError(error, 'WALLET_PERMISSION_DENIED')) return null;
    throw error;
  }
}
