import { setTimeout as sleep } from 'node:timers/promises';
import { isSatwayError, SatwayError } from '@satway/base';
import type { InvoiceState, IssuedInvoice, ReceivingWallet, WalletKind } from '@satway/wallets';
import type { Command } from 'commander';
import { formatMsat, parseCount } from '../amounts.js';
import { ExitSignal } from '../exit-signal.js';
import { EXIT } from '../exit-codes.js';
import { createOutput, type Output } from '../output/index.js';
import { describeUncredited } from '../wallet/uncredited.js';
import { readWallet, type WalletOptions, withReceivingWallet } from '../wallet/use-wallet.js';

interface InvoiceOptions extends WalletOptions {
  readonly msat?: boolean;
  readonly description: string;
  readonly expiry: number;
  readonly wait?: boolean;
}

const HELP = `
With --wait the command ends when the invoice is paid (0), or when it can no longer be (1). Whatever the wallet answers meanwhile, or does not, it goes on waiting, and says so on
stderr. Where nobody can know any more, since the wallet takes this credential no more, gave no answer until the end, or (LNbits, NWC) tells only that it credited nothing, the exit code is 10: the invoice may have been paid, and a longer look tells
("satway wallet look-up HASH --incoming").

Examples:
  satway wallet invoice 1000 --description 'two coffees' --wait
  satway wallet invoice 1500 --msat --json | jq -r .invoice`;

/** How often the wallet is asked whether the invoice was paid. */
const LOOK_EVERY_MS = 1000;
const CLOCK_SLACK_MS = 120_000;

/** `satway wallet invoice`: be paid. */
export function addWalletInvoiceCommand(wallet: Command): void {
  wallet
    .command('invoice')
    .description('Make an invoice.')
    .argument('<amount>', 'whole satoshis, or millisatoshis with --msat', parseCount)
    .option('--wallet-file <file>', 'file that names the wallet')
    .option('--msat', 'the amount is in millisatoshis')
    .option('--description <text>', 'what the payer reads', 'satway')
    .option('--expiry <seconds>', 'how long it can be paid', parseCount, 3600)
    .option('--wait', 'wait until it is paid or has expired')
    .option('--json', 'print JSON, one object a line')
    .addHelpText('after', HELP)
    .action((amount: number, options: InvoiceOptions) => makeInvoice(amount, options));
}

async function makeInvoice(amount: number, options: InvoiceOptions): Promise<void> {
  const output = createOutput(options.json === true);
  const amountMsat = options.msat === true ? amount : amount * 1000;
  if (!Number.isSafeInteger(amountMsat)) throw new SatwayError('CLI_USAGE', { detail: 'The amount is too large.' });
  const settings = await readWallet(options, 'receive', output);
  const { description, expiry: expirySeconds } = options;
  await withReceivingWallet(settings, async (wallet) => {
    const issued = await wallet.create({ amountMsat, description, expirySeconds });
    tellInvoice(issued, wallet, output);
    if (options.wait === true) await waitForPayment(wallet, issued, output);
  });
}

function tellInvoice(issued: IssuedInvoice, { network }: ReceivingWallet, output: Output): void {
  const { invoice, paymentHashHex: paymentHash, amountMsat, expiresAtMs } = issued;
  const expiresAt = new Date(expiresAtMs).toISOString();
  output.event({ event: 'invoice', invoice, paymentHash, amountMsat, network, expiresAt });
  output.line(invoice);
  if (!output.json)
    output.note(`${formatMsat(amountMsat)}, to be paid until ${expiresAt}; payment hash ${paymentHash}.`);
}

async function waitForPayment(wallet: ReceivingWallet, issued: IssuedInvoice, output: Output): Promise<void> {
  const trouble = tellTrouble(output);
  for (;;) {
    const found = await lookUpPatiently(wallet, issued, trouble, output);
    if (found !== null && isEnd(found, issued)) return tellEnd(found, issued.paymentHashHex, wallet.kind, output);
    await sleep(LOOK_EVERY_MS);
  }
}

/** Tells each trouble when it begins, and not at every look again; `null` where there is none. */
function tellTrouble(output: Output): (error: SatwayError | null) => void {
  let last: string | null = null;
  return (error) => {
    const code = error?.code ?? null;
    if (error !== null && code !== last)
      output.warn(`The wallet cannot be asked just now; still waiting. ${error.message}`);
    last = code;
  };
}

/**
 * A wallet that is away for a while, or whose proxy answers for it, has the invoice all the same; `null` then.
 *
 * @throws {ExitSignal} once no look can tell any more, though the invoice may have been paid.
 */
async function lookUpPatiently(
  wallet: ReceivingWallet,
  issued: IssuedInvoice,
  trouble: (error: SatwayError | null) => void,
  output: Output,
): Promise<InvoiceState | null> {
  try {
    const found = await wallet.lookUp(issued.paymentHashHex);
    trouble(null);
    return found;
  } catch (error) {
    if (!isSatwayError(error)) throw error;
    if (isPast(issued) || NEVER_AGAIN.some((code) => isSatwayError(error, code)))
      throw tellUnknown(issued, error, output);
    trouble(error);
    return null;
  }
}

/** What no waiting mends. */
const NEVER_AGAIN = ['WALLET_PERMISSION_DENIED', 'WALLET_NETWORK_MISMATCH'] as const;

/** Told as what it is: not paid is what nobody has seen. */
function tellUnknown({ paymentHashHex }: IssuedInvoice, { code, message }: SatwayError, output: Output): ExitSignal {
  output.event({ event: 'unknown', paymentHash: paymentHashHex, code, detail: message });
  output.line('Nobody knows whether it was paid.');
  const toLook = `To look again: satway wallet look-up ${paymentHashHex} --incoming`;
  output.warn(`The wallet can no longer be asked whether the invoice was paid. ${message} ${toLook}`);
  return new ExitSignal(EXIT.invoiceUnknown);
}

/** Money that is held can settle after the expiry too; a new invoice may not be known everywhere yet. */
function isEnd({ state }: InvoiceState, issued: IssuedInvoice): boolean {
  if (state === 'settled' || state === 'closed') return true;
  return state !== 'held' && isPast(issued);
}

/** The clocks of this machine and of the wallet may differ. */
function isPast({ expiresAtMs }: IssuedInvoice): boolean {
  return Date.now() > expiresAtMs + CLOCK_SLACK_MS;
}

function tellEnd(found: InvoiceState, paymentHash: string, kind: WalletKind, output: Output): void {
  if (found.state === 'settled') {
    const { amountReceivedMsat } = found;
    output.event({ event: 'settled', paymentHash, amountReceivedMsat });
    return output.line(`Paid: ${formatMsat(amountReceivedMsat)} came in.`);
  }
  output.event({ event: found.state, paymentHash });
  const { words, exitCode } = describeUncredited(kind);
  output.line(words);
  throw new ExitSignal(exitCode);
}
