import { existsSync } from 'node:fs';
import { SatwayError } from '@satway/base';
import { type ManualEnd, openPurchaseStore, type Purchase, type PurchaseStore } from '@satway/client';
import { type Command, Option } from 'commander';
import { createOutput, type Output } from '../output/index.js';
import { purchaseStorePathIn } from '../pay/satway-home.js';
import { WALLET_HELP } from '../wallet/choose-wallet.js';
import { listOpenPayments, type OpenPayment } from '../wallet/direct-payment/index.js';
import { directPaymentsFolder } from '../wallet/direct-payments-folder.js';
import {
  type AskedWallets,
  decide,
  decideDirect,
  directAsJson,
  directAsLines,
  type Examined,
  examine,
  examineDirect,
  type ExaminedDirect,
  resolvedAsJson,
  resolvedAsLines,
  whileStillOpen,
  withAskedWallets,
} from '../wallet/resolve/index.js';

interface ResolveOptions {
  readonly as?: ManualEnd;
  readonly yes?: string;
  readonly store?: string;
  readonly walletGone?: boolean;
  readonly walletFile?: string;
  readonly json?: boolean;
}

const HELP = `
Each payment without a known end is looked up at the wallet, and what the wallet proves is written down. What stays unknown keeps its part
of the budget. A person may end it with --as, never this command by itself:
  settled-as-spent   books all that is reserved as spent; refused while the payment can still end by itself, or the wallet does not answer
                     (a credential that may not look payments up, or that the wallet takes no more, is no such case)
  failed             gives the reservation back; only where LND has left it in flight for ever. What the wallet calls failed is given back by itself, at the
                     latest once the invoice has expired by the wallet's own clock: until then another request for it may be paid
A wallet that can be asked no more (a connection over Nostr Wallet Connect that has ended, a phoenixd or an LNbits that is gone) is named so with --wallet-gone, and its payment can be booked as
spent, never as failed: nothing shows whether it was paid.
The journal keeps who decided, when and why, and the invoice is never paid again. Payments of "satway wallet pay" are listed and ended likewise; no budget
holds anything for them, and their records in SATWAY_HOME keep the decision. One whose record is damaged can be ended as settled-as-spent: the damaged file
is kept beside the new record, and never deleted.

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
    .option('--wallet-gone', 'the wallet that was sent it, or the credential for it, can be asked no more')
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
  if (options.walletGone === true && options.as !== 'settled-as-spent') {
    throw new SatwayError('CLI_USAGE', {
      detail: '--wallet-gone goes with --as settled-as-spent: nothing shows that it was not paid.',
    });
  }
  const path = options.store ?? purchaseStorePathIn(process.env);
  const resolved = existsSync(path)
    ? await withStore(path, (store) => resolveIn(store, payment, options))
    : await resolveIn(null, payment, options);
  if (payment !== undefined && countOf(resolved) === 0) throw noSuchPayment();
  tell(resolved, output);
}

/** What was found, in both places where payments are written down. */
interface Resolved {
  readonly purchases: readonly Examined[];
  readonly direct: readonly ExaminedDirect[];
}

const countOf = ({ purchases, direct }: Record<keyof Resolved, readonly unknown[]>): number =>
  purchases.length + direct.length;

async function withStore<T>(path: string, use: (store: PurchaseStore) => Promise<T>): Promise<T> {
  const store = openPurchaseStore({ path });
  try {
    return await use(store);
  } finally {
    store.close();
  }
}

async function resolveIn(
  store: PurchaseStore | null,
  payment: string | undefined,
  options: ResolveOptions,
): Promise<Resolved> {
  const folder = directPaymentsFolder(process.env);
  const isMeant = payment === undefined ? () => true : meaning(payment);
  const open = {
    purchases: (store?.journal.listUnresolved() ?? []).filter((purchase) => isMeant(purchase)),
    direct: listOpenPayments(folder).filter((each) => isMeant(each)),
  };
  if (countOf(open) === 0) return { purchases: [], direct: [] };
  if (payment !== undefined && countOf(open) > 1) {
    throw new SatwayError('CLI_USAGE', { detail: 'Several payments begin so; give more digits.' });
  }
  try {
    return await withAskedWallets(options, async (asked) => ({
      purchases: store === null ? [] : await resolvePurchases(store, asked, open.purchases, options),
      direct: await resolveDirect(folder, asked, open.direct, options),
    }));
  } catch (error) {
    throw whileStillOpen(error, countOf(open));
  }
}

function meaning(payment: string): (each: { purchaseId?: string; paymentHashHex: string }) => boolean {
  const wanted = payment.trim().toLowerCase();
  const isPart = /^[0-9a-f]{8,64}$/.test(wanted);
  return ({ purchaseId, paymentHashHex }) => purchaseId === wanted || (isPart && paymentHashHex.startsWith(wanted));
}

/** What the wallet settled by itself meanwhile is told, and nothing is left to decide. */
async function resolvePurchases(
  store: PurchaseStore,
  { settings, walletFor }: AskedWallets,
  purchases: readonly Purchase[],
  { as, yes }: ResolveOptions,
): Promise<Examined[]> {
  const examined: Examined[] = [];
  for (const purchase of purchases) {
    const parts = { store, settings, wallet: walletFor(purchase.walletId) };
    const found = await examine(parts, purchase);
    const isOpen = found.purchase.state === 'unknown' || found.purchase.state === 'sending';
    examined.push(as !== undefined && isOpen ? await decide(parts, found, as, yes) : found);
  }
  return examined;
}

async function resolveDirect(
  folder: string,
  { settings, walletFor }: AskedWallets,
  payments: readonly OpenPayment[],
  { as, yes }: ResolveOptions,
): Promise<ExaminedDirect[]> {
  const examined: ExaminedDirect[] = [];
  for (const payment of payments) {
    const parts = { folder, settings, wallet: walletFor(payment.record?.walletIdentity ?? '') };
    const found = await examineDirect(parts, payment);
    const isOpen = found.record === null || found.record.state === 'sending';
    examined.push(as !== undefined && isOpen ? await decideDirect(parts, found, as, yes) : found);
  }
  return examined;
}

function tell(resolved: Resolved, output: Output): void {
  const { purchases, direct } = resolved;
  output.event({ purchases: purchases.map(resolvedAsJson), directPayments: direct.map(directAsJson) });
  if (countOf(resolved) === 0) return output.line('Every payment has an end that is known.');
  for (const line of [...purchases.flatMap(resolvedAsLines), ...direct.flatMap(directAsLines)]) output.line(line);
}

function noSuchPayment(): SatwayError {
  return new SatwayError('CLI_USAGE', { detail: 'No payment without a known end has that id or hash.' });
}
