import { join } from 'node:path';
import { SatwayError } from '@satway/base';
import { isHex64 } from '@satway/protocol';
import type { InvoiceState, PayingWallet, PaymentLookUp } from '@satway/wallets';
import type { Command } from 'commander';
import { formatMsat } from '../amounts.js';
import { EXIT } from '../exit-codes.js';
import { ExitSignal } from '../exit-signal.js';
import { createOutput, type Output } from '../output/index.js';
import { satwayHome } from '../pay/satway-home.js';
import { holdPayment, lookUpRecord } from '../wallet/direct-payment/index.js';
import { readWallet, type WalletOptions, withPayingWallet, withReceivingWallet } from '../wallet/use-wallet.js';

interface LookUpOptions extends WalletOptions {
  readonly incoming?: boolean;
}

const HELP = `
It pays nothing. A wallet without a record may still have the payment before it: only once the invoice has expired for certain, the answer is "failed".

Exit codes: 0 settled; 1 an invoice of ours that is not paid; 4 failed; 5 in flight, or nobody knows.

Examples:
  satway wallet look-up 3f…e1
  satway wallet look-up 3f…e1 --incoming --json`;

/** `satway wallet look-up`: what became of a payment. */
export function addWalletLookUpCommand(wallet: Command): void {
  wallet
    .command('look-up')
    .description('Say what became of a payment, or of an invoice of this wallet.')
    .argument('<hash>', 'payment hash, 64 hex digits')
    .option('--incoming', 'it is the hash of an invoice that this wallet made')
    .option('--wallet-file <file>', 'file that names the wallet')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action((hash: string, options: LookUpOptions) => lookUp(hash.toLowerCase(), options));
}

async function lookUp(paymentHash: string, options: LookUpOptions): Promise<void> {
  const output = createOutput(options.json === true);
  if (!isHex64(paymentHash)) throw new SatwayError('CLI_USAGE', { detail: 'A payment hash has 64 hex digits.' });
  if (options.incoming === true) return lookUpInvoice(paymentHash, options, output);
  const settings = await readWallet(options, 'pay', output);
  const found = await withPayingWallet(settings, (wallet) => lookUpPayment(wallet, paymentHash));
  tellPayment(found, paymentHash, output);
}

/** What was sent from here is judged by what is written down of it. */
async function lookUpPayment(wallet: PayingWallet, paymentHash: string): Promise<PaymentLookUp> {
  const held = holdPayment(join(satwayHome(process.env), 'direct-payments'), paymentHash);
  try {
    if (held.record?.walletIdentity !== wallet.identity) return await wallet.lookUp(paymentHash);
    const { found, record } = await lookUpRecord(wallet, held.record);
    held.write(record);
    if (found.state !== 'notFound' || record.state !== 'failed') return found;
    const detail = 'The invoice has expired, and the wallet never saw the payment.';
    return { state: 'failed', reason: 'expired', detail, walletNowMs: found.walletNowMs };
  } finally {
    held.release();
  }
}

function tellPayment(found: PaymentLookUp, paymentHash: string, output: Output): void {
  switch (found.state) {
    case 'settled': {
      const { state, amountMsat, feeMsat } = found;
      output.event({ event: 'payment', state, paymentHash, amountMsat, feeMsat });
      return output.line(`Settled: ${formatMsat(amountMsat)} and ${formatMsat(feeMsat)} in fees.`);
    }
    case 'failed':
      output.event({ event: 'payment', state: found.state, paymentHash, reason: found.reason, detail: found.detail });
      output.line(`Failed: ${found.detail}`);
      throw new ExitSignal(EXIT.paymentFailed);
    default:
      output.event({ event: 'payment', state: found.state, paymentHash });
      output.line(
        found.state === 'inFlight' ? 'In flight: it may still settle or fail.' : 'The wallet has no record of it.',
      );
      throw new ExitSignal(EXIT.paymentUnknown);
  }
}

async function lookUpInvoice(paymentHash: string, options: LookUpOptions, output: Output): Promise<void> {
  const settings = await readWallet(options, 'receive', output);
  const found = await withReceivingWallet(settings, (wallet) => wallet.lookUp(paymentHash));
  output.event({ event: 'invoice', paymentHash, ...found });
  output.line(describeInvoice(found));
  if (found.state !== 'settled') throw new ExitSignal(EXIT.failure);
}

function describeInvoice(found: InvoiceState): string {
  switch (found.state) {
    case 'settled':
      return `Paid: ${formatMsat(found.amountReceivedMsat)} came in.`;
    case 'open':
      return `Not paid yet; it can be until ${new Date(found.expiresAtMs).toISOString()}.`;
    case 'held':
      return 'Money is held for it, and is not ours yet.';
    case 'closed':
      return 'Not paid, and it can no longer be.';
    case 'notFound':
      return 'This wallet made no such invoice.';
  }
}
