import { existsSync } from 'node:fs';
import { SatwayError } from '@satway/base';
import { type ManualEnd, openPurchaseStore, type Purchase, type PurchaseStore } from '@satway/client';
import { connectPayingWallet } from '@satway/wallets/open-wallet';
import { type Command, Option } from 'commander';
import { createOutput, type Output } from '../output/index.js';
import { purchaseStorePathIn } from '../pay/satway-home.js';
import { chooseWallet, WALLET_HELP } from '../wallet/choose-wallet.js';
import {
  decide,
  type Examined,
  examine,
  resolvedAsJson,
  resolvedAsLines,
  type ResolveParts,
} from '../wallet/resolve/index.js';

interface ResolveOptions {
  readonly as?: ManualEnd;
  readonly yes?: string;
  readonly store?: string;
  readonly walletFile?: string;
  readonly json?: boolean;
}

const HELP = `
Each payment without a known end is looked up at the wallet, and what the wallet proves is written down. What stays unknown keeps its part
of the budget. A person may end it with --as, never this command by itself:
  settled-as-spent   books all that is reserved as spent; refused while the payment can still end by itself
  failed             gives the reservation back; only where the wallet says that it failed, or LND has left it in flight for ever
The journal keeps who decided, when and why, and the invoice is never paid again.

${WALLET_HELP}

Exit codes: 0 listed, or ended; 2 called wrongly, or not confirmed; 5 it may not be ended so now; 6 the wallet does not answer.

Examples:
  satway wallet resolve
  satway wallet resolve 3f9a… --as failed`;

/** `satway wallet resolve`: payments of which nobody knows the end. */
export function addWalletResolveCommand(wallet: Command): void {
  wallet
    .command('resolve')
    .description('List payments without a known end, look them up, and let a person end one by hand.')
    .argument('[payment]', 'its purchase id or payment hash, or the first 8 digits or more of it')
    .addOption(new Option('--as <end>', 'end it by hand').choices(['settled-as-spent', 'failed']))
    .option('--yes <hash>', 'confirm with the whole payment hash instead of at the terminal')
    .option('--store <file>', 'file of purchases')
    .option('--wallet-file <file>', 'file that names the wallet')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action((payment: string | undefined, options: ResolveOptions) => runResolve(payment, options));
}

async function runResolve(payment: string | undefined, options: ResolveOptions): Promise<void> {
  const output = createOutput(options.json === true);
  if (options.as !== undefined && payment === undefined) {
    throw new SatwayError('CLI_USAGE', { detail: '--as needs the payment that is meant.' });
  }
  const path = options.store ?? purchaseStorePathIn(process.env);
  const examined = existsSync(path) ? await withStore(path, (store) => resolveIn(store, payment, options)) : [];
  if (payment !== undefined && examined.length === 0) throw noSuchPayment();
  tell(examined, output);
}

async function withStore<T>(path: string, use: (store: PurchaseStore) => Promise<T>): Promise<T> {
  const store = openPurchaseStore({ path });
  try {
    return await use(store);
  } finally {
    store.close();
  }
}

async function resolveIn(
  store: PurchaseStore,
  payment: string | undefined,
  options: ResolveOptions,
): Promise<Examined[]> {
  const purchases = store.journal
    .listUnresolved()
    .filter((purchase) => payment === undefined || isMeant(purchase, payment));
  const [first] = purchases;
  if (first === undefined) return [];
  if (payment !== undefined && purchases.length > 1) {
    throw new SatwayError('CLI_USAGE', { detail: 'Several payments begin so; give more digits.' });
  }
  return withWallet(options.walletFile, store, async (parts) => {
    const examined: Examined[] = [];
    for (const purchase of purchases) examined.push(await examine(parts, purchase));
    return options.as === undefined ? examined : endByHand(parts, examined, options.as, options.yes);
  });
}

function isMeant({ purchaseId, paymentHashHex }: Purchase, payment: string): boolean {
  const wanted = payment.trim().toLowerCase();
  return purchaseId === wanted || (/^[0-9a-f]{8,64}$/.test(wanted) && paymentHashHex.startsWith(wanted));
}

async function withWallet<T>(
  file: string | undefined,
  store: PurchaseStore,
  use: (parts: ResolveParts) => Promise<T>,
): Promise<T> {
  const { settings } = await chooseWallet(file, 'pay');
  const wallet = await connectPayingWallet(settings);
  try {
    return await use({ store, wallet, settings });
  } finally {
    await wallet.close();
  }
}

/** What the wallet settled by itself meanwhile is told, and nothing is left to decide. */
async function endByHand(
  parts: ResolveParts,
  [examined]: readonly Examined[],
  as: ManualEnd,
  yes: string | undefined,
): Promise<Examined[]> {
  if (examined === undefined) throw noSuchPayment();
  const { state } = examined.purchase;
  return [state === 'unknown' || state === 'sending' ? await decide(parts, examined, as, yes) : examined];
}

function tell(examined: readonly Examined[], output: Output): void {
  output.event({ purchases: examined.map(resolvedAsJson) });
  if (examined.length === 0) return output.line('Every payment has an end that is known.');
  for (const each of examined) for (const line of resolvedAsLines(each)) output.line(line);
}

function noSuchPayment(): SatwayError {
  return new SatwayError('CLI_USAGE', { detail: 'No payment without a known end has that id or hash.' });
}
