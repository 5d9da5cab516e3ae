import { isSatwayError, SatwayError } from '@satway/base';
import { isHex64 } from '@satway/protocol';
import type { InvoiceState, ReadingWallet, WalletKind } from '@satway/wallets';
import type { Command } from 'commander';
import { formatMsat } from '../amounts.js';
import { EXIT } from '../exit-codes.js';
import { ExitSignal } from '../exit-signal.js';
import { createOutput, type Output } from '../output/index.js';
import { knownStores } from '../pay/known-stores.js';
import { type Finding, listRecords, settledOnDisk, unknownPayment, whileOpen } from '../wallet/direct-payment/index.js';
import { directPaymentsFolder } from '../wallet/direct-payments-folder.js';
import { findAnywhere, type Journals, purchaseWithoutWallet } from '../wallet/find-purchase.js';
import { describeUncredited } from '../wallet/uncredited.js';
import { readWallet, type WalletOptions, withReadingWallet, withReceivingWallet } from '../wallet/use-wallet.js';

interface LookUpOptions extends WalletOptions {
  readonly incoming?: boolean;
}

const HELP = `
It pays nothing. Without a hash it goes through all that "satway wallet pay" ever sent from here, one line for each.
What the journal of "satway pay" knows counts: a payment that is unknown there stays so, whatever failure the wallet has on record, until that is proven to be its own.
A wallet without a record may still have the payment before it: only once the invoice has expired for certain, the answer is "failed".

Exit codes: 0 settled; 1 an invoice of ours that is not paid; 10 one that was not credited, of a wallet (LNbits, NWC) whose node may have been paid; 4 failed; 5 in flight, or nobody knows. Without a hash 5 where the end of one is not
known, else 0; what a person ended with "satway wallet resolve" is not counted.

Examples:
  satway wallet look-up 3f…e1
  satway wallet look-up 3f…e1 --incoming --json
  satway wallet look-up`;

/** `satway wallet look-up`: what became of a payment. */
export function addWalletLookUpCommand(wallet: Command): void {
  wallet
    .command('look-up')
    .description('Say what became of a payment, or of an invoice of this wallet.')
    .argument('[hash]', 'payment hash, 64 hex digits')
    .option('--incoming', 'it is the hash of an invoice that this wallet made')
    .option('--wallet-file <file>', 'file that names the wallet')
    .option('--json', 'print JSON, one object a line')
    .addHelpText('after', HELP)
    .action((hash: string | undefined, options: LookUpOptions) => lookUp(hash?.toLowerCase() ?? null, options));
}

async function lookUp(paymentHash: string | null, options: LookUpOptions): Promise<void> {
  const output = createOutput(options.json === true);
  if (paymentHash !== null && !isHex64(paymentHash)) throw wrongCall('A payment hash has 64 hex digits.');
  if (options.incoming === true) {
    if (paymentHash === null) throw wrongCall('Say which invoice is meant.');
    return lookUpInvoice(paymentHash, options, output);
  }
  const folder = directPaymentsFolder(process.env);
  const hashes = paymentHash === null ? listRecords(folder) : [paymentHash];
  const journals = { storePaths: knownStores(process.env), folder };
  const ask = async (): Promise<Finding[]> => {
    const settings = await readWallet(options, 'pay', output);
    return withReadingWallet(settings, (wallet) => lookUpAll(wallet, hashes, journals, output));
  };
  const findings = paymentHash === null ? await ask() : await askWhileOpen(paymentHash, journals, output, ask);
  const told = paymentHash === null ? findings.filter(({ state }) => state !== 'endedByHand') : findings;
  const worst = Math.max(EXIT.ok, ...told.map(exitCodeFor));
  if (paymentHash === null && worst !== EXIT.paymentUnknown) return;
  if (worst !== EXIT.ok) throw new ExitSignal(worst);
}

/** What is known of one payment is known without its wallet too. */
async function askWhileOpen(
  paymentHash: string,
  { storePaths, folder }: Journals,
  output: Output,
  ask: () => Promise<Finding[]>,
): Promise<Finding[]> {
  const tell = (finding: Finding): Finding[] => {
    tellFinding(finding, paymentHash, output);
    return [finding];
  };
  try {
    return await whileOpen(folder, paymentHash, ask, (record) => tell(settledOnDisk(record)));
  } catch (error) {
    if (!isSatwayError(error) || error.fundsMoved !== 'no') throw error;
    const known = await purchaseWithoutWallet(paymentHash, storePaths);
    if (known?.state === 'settled') return tell(known);
    if (known === null || known.state !== 'unknown') throw error;
    throw unknownPayment({ paymentHashHex: paymentHash }, `${known.detail} ${error.code}: ${error.message}`, error);
  }
}

function wrongCall(detail: string): SatwayError {
  return new SatwayError('CLI_USAGE', { detail });
}

async function lookUpAll(
  wallet: ReadingWallet,
  hashes: readonly string[],
  journals: Journals,
  output: Output,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const paymentHash of hashes) {
    const finding = await findAnywhere(wallet, paymentHash, journals);
    tellFinding(finding, paymentHash, output);
    findings.push(finding);
  }
  if (hashes.length === 0) output.line('Nothing was ever paid from here with "satway wallet pay".');
  return findings;
}

function exitCodeFor({ state }: Finding): number {
  if (state === 'settled') return EXIT.ok;
  return state === 'failed' ? EXIT.paymentFailed : EXIT.paymentUnknown;
}

function tellFinding(finding: Finding, paymentHash: string, output: Output): void {
  output.event({ event: 'payment', paymentHash, ...finding });
  const told =
    finding.state === 'settled'
      ? `${formatMsat(finding.amountMsat)} and ${formatMsat(finding.feeMsat)} in fees.`
      : finding.detail;
  output.line(`${paymentHash}  ${finding.state}: ${told}`);
}

async function lookUpInvoice(paymentHash: string, options: LookUpOptions, output: Output): Promise<void> {
  const settings = await readWallet(options, 'receive', output);
  const { found, kind } = await withReceivingWallet(settings, async (wallet) => ({
    found: await wallet.lookUp(paymentHash),
    kind: wallet.kind,
  }));
  output.event({ event: 'invoice', paymentHash, ...found });
  output.line(describeInvoice(found, kind));
  if (found.state !== 'settled') throw new ExitSignal(exitCodeOf(found, kind));
}

function exitCodeOf({ state }: InvoiceState, kind: WalletKind): number {
  return state === 'closed' ? describeUncredited(kind).exitCode : EXIT.failure;
}

function describeInvoice(found: InvoiceState, kind: WalletKind): string {
  switch (found.state) {
    case 'settled':
      return `Paid: ${formatMsat(found.amountReceivedMsat)} came in.`;
    case 'open':
      return `Not paid yet; it can be until ${new Date(found.expiresAtMs).toISOString()}.`;
    case 'held':
      return 'Money is held for it, and is not ours yet.';
    case 'closed':
      return describeUncredited(kind).words;
    case 'notFound':
      return 'This wallet made no such invoice.';
  }
}
