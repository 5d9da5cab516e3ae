import { type Purchase, type PurchaseStore, releaseAbandoned, type UnusedPurchase } from '@satway/client';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { ExitSignal } from '../exit-signal.js';
import { createOutput, type Output } from '../output/index.js';
import { offeredAsJson, offeredAsLines, withPurchases } from '../payments/index.js';
import { WALLET_HELP } from '../wallet/choose-wallet.js';
import { listOpenPayments, type OpenPayment } from '../wallet/direct-payment/index.js';
import { directPaymentsFolder } from '../wallet/direct-payments-folder.js';
import {
  directAsJson,
  directAsLines,
  type Examined,
  examine,
  examineDirect,
  type ExaminedDirect,
  resolvedAsJson,
  resolvedAsLines,
  whileStillOpen,
} from '../wallet/resolve/index.js';
import { readWallet, withReadingWallet } from '../wallet/use-wallet.js';

interface ReconcileOptions {
  readonly store?: string;
  readonly walletFile?: string;
  readonly json?: boolean;
}

/** What came of it. */
interface Reconciled {
  /** Reservations given back, of programs that died before they sent anything. */
  readonly released: number;
  readonly purchases: readonly Examined[];
  readonly directPayments: readonly ExaminedDirect[];
  readonly offered: readonly UnusedPurchase[];
}

const HELP = `
Each payment without a known end is looked up at the wallet, and what the wallet proves is written down. It pays nothing and asks no seller. Where every end is
known, no wallet is needed. What stays unknown can be ended by a person with "satway wallet resolve".

${WALLET_HELP}

Exit codes: 0 every end is known; 5 at least one is not; 6 the wallet does not answer.`;

/** `satway payments reconcile`: the journal held against the wallet. */
export function addPaymentsReconcileCommand(payments: Command): void {
  payments
    .command('reconcile')
    .description('Ask the wallet about every payment without a known end, and list what is paid and not used.')
    .option('--store <file>', 'file of purchases')
    .option('--wallet-file <file>', 'file that names the wallet')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action((_: unknown, command: Command) => reconcile(command.optsWithGlobals()));
}

async function reconcile(options: ReconcileOptions): Promise<void> {
  const output = createOutput(options.json === true);
  const reconciled = await withPurchases(
    options.store,
    (store) => reconcileWith(store, options, output),
    () => reconcileWith(null, options, output),
  );
  tell(reconciled, output);
  if (countOpen(reconciled) > 0) throw new ExitSignal(EXIT.paymentUnknown);
}

async function reconcileWith(
  store: PurchaseStore | null,
  options: ReconcileOptions,
  output: Output,
): Promise<Reconciled> {
  const released = store === null ? 0 : releaseAbandoned(store);
  const asked = await askWallet(store, options, output);
  return { released, ...asked, offered: store?.journal.listUnused(Date.now()) ?? [] };
}

async function askWallet(
  store: PurchaseStore | null,
  options: ReconcileOptions,
  output: Output,
): Promise<Pick<Reconciled, 'purchases' | 'directPayments'>> {
  const folder = directPaymentsFolder(process.env);
  const open = { purchases: store?.journal.listUnresolved() ?? [], direct: listOpenPayments(folder) };
  if (open.purchases.length + open.direct.length === 0) return { purchases: [], directPayments: [] };
  try {
    return await askAbout(open, { store, folder }, options, output);
  } catch (error) {
    throw whileStillOpen(error, open.purchases.length + open.direct.length);
  }
}

async function askAbout(
  open: { readonly purchases: readonly Purchase[]; readonly direct: readonly OpenPayment[] },
  { store, folder }: { readonly store: PurchaseStore | null; readonly folder: string },
  options: ReconcileOptions,
  output: Output,
): Promise<Pick<Reconciled, 'purchases' | 'directPayments'>> {
  const settings = await readWallet(options, 'pay', output);
  return withReadingWallet(settings, async (wallet) => {
    const purchases: Examined[] = [];
    const directPayments: ExaminedDirect[] = [];
    // One after the other: a wallet that comes back is not met by all of them at once.
    for (const purchase of open.purchases) {
      if (store !== null) purchases.push(await examine({ store, wallet, settings }, purchase));
    }
    for (const each of open.direct) directPayments.push(await examineDirect({ folder, wallet, settings }, each));
    return { purchases, directPayments };
  });
}

function countOpen({ purchases, directPayments }: Reconciled): number {
  const openPurchases = purchases.filter(({ purchase: { state } }) => state === 'unknown' || state === 'sending');
  const openDirect = directPayments.filter(({ record }) => record === null || record.state === 'sending');
  return openPurchases.length + openDirect.length;
}

function tell(reconciled: Reconciled, output: Output): void {
  const { released, purchases, directPayments, offered } = reconciled;
  output.event({
    released,
    purchases: purchases.map(resolvedAsJson),
    directPayments: directPayments.map(directAsJson),
    offered: offered.map(offeredAsJson),
  });
  if (released > 0)
    output.line(`${released} reservations were given back: their programs died before they sent anything.`);
  if (purchases.length + directPayments.length === 0) output.line('Every payment has an end that is known.');
  for (const line of [...purchases.flatMap(resolvedAsLines), ...directPayments.flatMap(directAsLines)])
    output.line(line);
  if (offered.length > 0) output.line('Paid, and offered for use:');
  for (const line of offered.flatMap(offeredAsLines)) output.line(line);
}
