import type { WalletInspection, WalletRole } from '@satway/wallets';
import { inspectWallet } from '@satway/wallets/open-wallet';
import { type Command, Option } from 'commander';
import { createOutput, type Output } from '../output/index.js';
import { readWallet, type WalletOptions } from '../wallet/use-wallet.js';

interface InspectOptions extends WalletOptions {
  readonly role?: WalletRole;
}

const HELP = `
It asks the wallet with calls that move nothing and create nothing. "excess" is what the credential allows beyond its role, in the wallet's own
words; "howToNarrow" is how to make one that allows no more. A power, or "excess", is null where it could not be found out.

Examples:
  satway wallet inspect
  satway wallet inspect --role receive --wallet-file seller.yaml --json`;

/** `satway wallet inspect`: what this credential may do. */
export function addWalletInspectCommand(wallet: Command): void {
  wallet
    .command('inspect')
    .description('Say what the credential may do, and how to make one that may do less.')
    .option('--wallet-file <file>', 'file that names the wallet')
    .addOption(
      new Option('--role <role>', 'what the credential is for (default: the most that it can)').choices([
        'pay',
        'receive',
        'read',
      ]),
    )
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action((options: InspectOptions) => inspect(options));
}

async function inspect(options: InspectOptions): Promise<void> {
  const output = createOutput(options.json === true);
  const settings = await readWallet(options, options.role ?? null, output);
  const inspection = await inspectWallet(settings);
  const role = options.role ?? largestRole(inspection);
  const { kind, network, can } = inspection;
  output.event({ kind, network, can, excess: inspection.excess[role], howToNarrow: inspection.howToNarrow[role] });
  describeInspection(inspection, role, output);
}

/** What a credential is judged as when nobody says what it is for. */
function largestRole({ can }: WalletInspection): WalletRole {
  if (can.pay === true) return 'pay';
  return can.createInvoice === true ? 'receive' : 'read';
}

const WORDS: Readonly<Record<WalletRole, string>> = { pay: 'to pay', receive: 'to be paid', read: 'to read' };

function describeInspection(inspection: WalletInspection, role: WalletRole, output: Output): void {
  const { kind, network, can } = inspection;
  output.line(`A wallet of kind ${kind}${network === null ? '' : ` on ${network}`}. With this credential one can:`);
  output.line(`  pay               ${yesOrNo(can.pay)}`);
  output.line(`  create invoices   ${yesOrNo(can.createInvoice)}`);
  output.line(`  read              ${yesOrNo(can.read)}`);
  output.line(`  administer        ${yesOrNo(can.administer)}`);
  output.line();
  const missing = inspection.missing?.[role] ?? [];
  if (missing.length > 0) output.line(`What it lacks ${WORDS[role]}: ${missing.join(', ')}.`);
  const excess = inspection.excess[role];
  if (excess === null) {
    output.line(`It could not be found out what it allows beyond what it takes ${WORDS[role]}.`);
    return output.line(`To make one of which it is known: ${inspection.howToNarrow[role]}`);
  }
  if (excess.length === 0) return output.line(`It allows nothing beyond what it takes ${WORDS[role]}.`);
  output.line(`Beyond what it takes ${WORDS[role]}: ${excess.join(', ')}.`);
  output.line(`To make a smaller one: ${inspection.howToNarrow[role]}`);
}

function yesOrNo(power: boolean | null): string {
  if (power === null) return 'not known';
  return power ? 'yes' : 'no';
}
