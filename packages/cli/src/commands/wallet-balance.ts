import { isSatwayError, type SatwayError } from '@satway/base';
import { inspectWallet, type WalletSettings } from '@satway/wallets/open-wallet';
import type { Command } from 'commander';
import { formatMsat } from '../amounts.js';
import { createOutput, type Output } from '../output/index.js';
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
  const settings = await readWallet(options, null, output);
  try {
    await tellSpendable(settings, output);
  } catch (error) {
    if (!isSatwayError(error, 'WALLET_PERMISSION_DENIED')) throw error;
    await tellWhatIsRead(settings, error, output);
  }
}

async function tellSpendable(settings: WalletSettings, output: Output): Promise<void> {
  const { spendableMsat, kind, network } = await withReadingWallet(settings, async (wallet) => {
    const balance = await wallet.balance();
    return { ...balance, kind: wallet.kind, network: wallet.network };
  });
  const receivableMsat = await readReceivable(settings);
  output.event({ kind, network, spendableMsat, receivableMsat });
  output.line(`It can spend ${formatMsat(spendableMsat)}${network === null ? '' : ` (${network})`}.`);
  if (receivableMsat !== null) output.line(`It can receive ${formatMsat(receivableMsat)}.`);
}

/** With a credential that cannot pay: what the wallet tells it all the same. @throws the refusal, where that is nothing. */
async function tellWhatIsRead(settings: WalletSettings, refusal: SatwayError, output: Output): Promise<void> {
  const { kind, network } = await inspectWallet(settings);
  const balanceMsat = await readHeld(settings);
  const receivableMsat = await readReceivable(settings);
  if (balanceMsat === null && receivableMsat === null) throw refusal;
  output.event({ kind, network, spendableMsat: null, receivableMsat, balanceMsat });
  const holds = balanceMsat === null ? '' : `The wallet holds ${formatMsat(balanceMsat)}. `;
  output.line(`${holds}This credential may not ${balanceMsat === null ? 'read the balance' : 'spend it'}.`);
  if (receivableMsat !== null) output.line(`It can receive ${formatMsat(receivableMsat)}.`);
}

/** The invoice key of an LNbits is told what the wallet holds; others are told nothing without the right to ask who they are. */
async function readHeld(settings: WalletSettings): Promise<number | null> {
  if (settings.kind !== 'lnbits') return null;
  const { readLnbitsBalance } = await import('@satway/wallets/lnbits');
  return readLnbitsBalance(settings);
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
