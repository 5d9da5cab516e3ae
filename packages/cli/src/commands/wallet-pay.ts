import { SatwayError } from '@satway/base';
import type { PayingWallet } from '@satway/wallets';
import type { Command } from 'commander';
import { formatMsat, parseCount, parseSats } from '../amounts.js';
import { EXIT } from '../exit-codes.js';
import { ExitSignal } from '../exit-signal.js';
import { createOutput, type Output } from '../output/index.js';
import { knownStores } from '../pay/known-stores.js';
import { type Bill, describeBill, readBill } from '../wallet/bill.js';
import { confirm } from '../wallet/confirm.js';
import { type DirectPaymentEnd, paidOnRecord, payBill, whileOpen } from '../wallet/direct-payment/index.js';
import { describeBlindness, describeExcess, describePowersOf } from '../wallet/excess-powers.js';
import { refusePurchased } from '../wallet/refuse-purchased.js';
import { directPaymentsFolder } from '../wallet/direct-payments-folder.js';
import { readWallet, type WalletOptions, withPayingWallet } from '../wallet/use-wallet.js';

interface PayOptions extends WalletOptions {
  readonly maxSats: number;
  readonly maxFeeSats?: number;
  readonly timeout: number;
  readonly yes?: boolean;
  readonly showPreimage?: boolean;
}

const HELP = `
It shows what the invoice says and asks before it pays; without a terminal it pays only with --yes. The payment is written down in SATWAY_HOME (~/.satway)
before it is sent: after a crash, run the same command again, or look it up. No invoice is ever paid twice.

Exit codes: 0 paid; 1 not paid, by your answer or another failure; 2 called wrongly; 3 above the limit; 4 the payment failed; 5 nobody knows yet: look
it up with "satway wallet look-up HASH", do not pay another invoice for the same thing; 6 the wallet cannot be reached; 7 the invoice cannot be paid.

Examples:
  satway wallet pay lnbc10u1p… --max-sats 1010
  satway wallet pay lnbc10u1p… --max-sats 1010 --max-fee-sats 5 --yes --json`;

/** `satway wallet pay`: pay an invoice. */
export function addWalletPayCommand(wallet: Command): void {
  wallet
    .command('pay')
    .description('Pay an invoice, once.')
    .argument('<invoice>', 'BOLT11, with an amount')
    .requiredOption('--max-sats <sats>', 'most that it may cost, fees included', parseSats)
    .option('--max-fee-sats <sats>', 'most that it may cost in fees (default: what the wallet asks for)', parseSats)
    .option('--wallet-file <file>', 'file that names the wallet')
    .option('--timeout <seconds>', 'how long to wait for its end', parseCount, 60)
    .option('--yes', 'pay without asking')
    .option('--show-preimage', 'print the proof of payment; whoever has it can claim to have paid')
    .option('--json', 'print JSON, one object a line')
    .addHelpText('after', HELP)
    .action((invoice: string, options: PayOptions) => pay(invoice, options));
}

async function pay(text: string, options: PayOptions): Promise<void> {
  const output = createOutput(options.json === true);
  const bill = readBill(text);
  const folder = directPaymentsFolder(process.env);
  const payIt = () => payFromWallet(bill, folder, options, output);
  const end = await whileOpen(folder, bill.paymentHashHex, payIt, (record) => paidOnRecord(record));
  tellEnd(end, bill, options, output);
}

async function payFromWallet(
  bill: Bill,
  folder: string,
  options: PayOptions,
  output: Output,
): Promise<DirectPaymentEnd> {
  const maxMsat = options.maxSats * 1000;
  if (bill.amountMsat > maxMsat) throw aboveLimit(bill.amountMsat, maxMsat);
  const refusePaidElsewhere = () => refusePurchased(knownStores(process.env), bill.paymentHashHex);
  refusePaidElsewhere();
  const settings = await readWallet(options, 'pay', output);
  for (const warning of describeExcess(settings)) output.warn(warning);
  return withPayingWallet(settings, async (wallet) => {
    const warnings = [...(await describePowersOf(wallet)), ...describeBlindness(wallet)];
    for (const warning of warnings) output.warn(warning);
    return payBill({
      bill,
      wallet,
      feeLimitMsat: feeLimitFor(wallet, bill, options),
      folder,
      nowMs: Date.now(),
      timeoutMs: options.timeout * 1000,
      approve: () => approve(bill, options, output),
      refusePaidElsewhere,
      onSending: () => tellSending(bill, output),
    });
  });
}

function aboveLimit(costMsat: number, maxMsat: number): SatwayError {
  return new SatwayError('WALLET_SPENDING_LIMIT', {
    detail: `The invoice asks for ${formatMsat(costMsat)}, the limit is ${formatMsat(maxMsat)}.`,
  });
}

/** What the wallet may need, shrunk to what the limits leave. @throws {SatwayError} `WALLET_SPENDING_LIMIT` for a wallet that cannot keep it. */
function feeLimitFor(wallet: PayingWallet, { amountMsat }: Bill, { maxSats, maxFeeSats }: PayOptions): number {
  const leftMsat = maxSats * 1000 - amountMsat;
  const ceilingMsat = wallet.feeCeilingMsat(amountMsat);
  const wantedMsat = maxFeeSats === undefined ? ceilingMsat : maxFeeSats * 1000;
  if (wantedMsat !== null) return Math.min(wantedMsat, leftMsat);
  throw new SatwayError('WALLET_SPENDING_LIMIT', {
    detail: 'This wallet cannot bound its fees. Say with --max-fee-sats what you accept; it may take more.',
  });
}

async function approve(bill: Bill, { yes }: PayOptions, output: Output): Promise<boolean> {
  for (const line of describeBill(bill)) if (!output.json || yes !== true) output.note(line);
  return yes === true || confirm(`Pay ${formatMsat(bill.amountMsat)}?`);
}

function tellSending({ paymentHashHex: paymentHash, amountMsat }: Bill, output: Output): void {
  output.event({ event: 'sending', paymentHash, amountMsat });
  if (!output.json) output.note(`Sending ${formatMsat(amountMsat)}, payment hash ${paymentHash} …`);
}

function tellEnd(end: DirectPaymentEnd, bill: Bill, { showPreimage }: PayOptions, output: Output): void {
  const { paymentHashHex: paymentHash } = bill;
  if (end.state === 'declined') {
    output.event({ event: 'declined', paymentHash });
    output.line('Nothing was paid.');
    throw new ExitSignal(EXIT.failure);
  }
  const { state, amountMsat, feeMsat, paidBefore, warning } = end;
  const preimage = showPreimage === true ? { preimage: end.preimageHex } : {};
  output.event({ event: 'payment', state, paymentHash, amountMsat, feeMsat, paidBefore, ...preimage });
  const when = paidBefore ? 'It had been paid before, and was not paid again' : 'Paid';
  output.line(`${when}: ${formatMsat(amountMsat)} and ${formatMsat(feeMsat)} in fees.`);
  if (warning !== null) output.warn(warning);
  if (showPreimage === true) output.line(`Preimage: ${end.preimageHex ?? 'the wallet does not tell it any more'}`);
}
