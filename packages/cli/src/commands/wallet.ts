import type { Command } from 'commander';
import { WALLET_HELP } from '../wallet/choose-wallet.js';
import { addWalletBalanceCommand } from './wallet-balance.js';
import { addWalletInspectCommand } from './wallet-inspect.js';
import { addWalletInvoiceCommand } from './wallet-invoice.js';
import { addWalletLookUpCommand } from './wallet-look-up.js';
import { addWalletPayCommand } from './wallet-pay.js';
import { addWalletResolveCommand } from './wallet-resolve.js';
import { addWalletTestCommand } from './wallet-test.js';

const HELP = `
${WALLET_HELP}

Examples:
  satway wallet inspect
  satway wallet test --max-sats 100 --counterpart-file seller.yaml`;

/** `satway wallet …`: what one wallet can do, by itself and for people. */
export function addWalletCommand(program: Command): void {
  const wallet = program
    .command('wallet')
    .description('Look at a wallet, try it, be paid and pay with it.')
    .addHelpText('after', HELP);
  addWalletInspectCommand(wallet);
  addWalletBalanceCommand(wallet);
  addWalletInvoiceCommand(wallet);
  addWalletPayCommand(wallet);
  addWalletLookUpCommand(wallet);
  addWalletResolveCommand(wallet);
  addWalletTestCommand(wallet);
}
