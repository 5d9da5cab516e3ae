import { SatwayError } from '@satway/base';
import type { L402Client, PaymentFacts } from '@satway/client';
import type { Command } from 'commander';
import { formatMsat, parseSats } from '../amounts.js';
import { ExitSignal } from '../exit-signal.js';
import { EXIT } from '../exit-codes.js';
import { onStopSignal } from '../on-stop-signal.js';
import { createOutput, type Output, plainText } from '../output/index.js';
import { asOneCall, type Delivered } from '../pay/as-one-call.js';
import { type CurlOptions, type RequestToSend, readCurlOptions } from '../pay/curl-options.js';
import { checkOutputFile, deliverBody, deliverJson } from '../pay/deliver-body.js';
import { DEFAULT_MAX_PER_REQUEST_SATS, limitFromEnvironment } from '../pay/limits.js';
import { previewCost } from '../pay/preview.js';
import { purchaseStorePath } from '../pay/satway-home.js';
import { type ClientParts, withClient } from '../pay/with-client.js';
import { chooseWallet, WALLET_HELP } from '../wallet/choose-wallet.js';
import { describeBlindness, describeExcess, describePowersOf } from '../wallet/excess-powers.js';

interface PayOptions extends CurlOptions {
  readonly output?: string;
  readonly maxSats?: number;
  readonly budgetSats?: number;
  readonly store?: string;
  readonly walletFile?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const HELP = `
${WALLET_HELP}

MAX_AUTO_PAY_SATS and BUDGET_SATS stand in for --max-sats and --budget-sats where these are not given.

Purchases are kept in SATWAY_HOME (~/.satway). What was paid and not delivered comes with the next run of the same command, which pays nothing.

Exit codes: 0 paid and answered; 1 other failure; 2 called wrongly; 3 too expensive; 4 payment failed; 5 payment unknown (look again later,
do not pay again); 6 network; 7 offer refused; 8 paid but not delivered; 9 the answer's status is 400 or above.

Examples:
  satway pay https://api.example.com/v1/forecast/lugano --max-sats 10
  satway pay https://api.example.com/v1/summary -d @text.txt -H 'Content-Type: text/plain' -o summary.json
  satway pay https://api.example.com/v1/forecast/lugano --dry-run --json`;

/** `satway pay URL`: curl that pays. */
export function addPayCommand(program: Command): void {
  program
    .command('pay')
    .description('Fetch a URL, and pay for it when it asks and the price is within the limit.')
    .argument('<url>', 'what to fetch')
    .option('-X, --request <method>', 'method; GET, or POST with -d')
    .option('-d, --data <data>', 'body; @file for a file, @- for stdin')
    .option('-H, --header <line>', 'a header "Name: value"; can be repeated', collect)
    .option('-o, --output <file>', 'write the answer there instead of to stdout')
    .option('--max-sats <sats>', 'most that this request may cost, fees included (default: 100)', parseSats)
    .option('--budget-sats <sats>', 'most that this store may ever spend, fees included (default: 5000)', parseSats)
    .option('--store <file>', 'file of purchases')
    .option('--wallet-file <file>', 'file that names the wallet')
    .option('--dry-run', 'show what it would cost, and pay nothing')
    .option('--json', 'print one JSON object about the payment; the body goes to -o, or into the object')
    .addHelpText('after', HELP)
    .action((url: string, options: PayOptions) =>
      options.dryRun === true ? preview(url, options) : pay(url, options),
    );
}

function collect(line: string, lines: readonly string[] | undefined): readonly string[] {
  return [...(lines ?? []), line];
}

async function preview(url: string, options: PayOptions): Promise<void> {
  const output = createOutput(options.json === true);
  const { status, offer } = await previewCost(url, readCurlOptions(options));
  output.event({ event: 'preview', status, ...offer });
  if (offer === null) return output.line(`Status ${status}; it asks for no payment that can be read.`);
  const price = offer.amountMsat === null ? 'any amount, which Satway does not pay' : formatPrice(offer.amountMsat);
  output.line(`Status ${status}. It costs ${price} (${offer.network}), offered until ${offer.expiresAt}.`);
  if (offer.refusal !== null) output.line(`It would not be paid, whatever the limits: ${offer.refusal}.`);
  if (offer.description !== null) output.line(`It is described as ${plainText(offer.description)}.`);
}

/** A price that nobody can pay is shown all the same. */
function formatPrice(amountMsat: string): string {
  return Number.isSafeInteger(Number(amountMsat)) ? formatMsat(Number(amountMsat)) : `${amountMsat} msat`;
}

async function pay(url: string, options: PayOptions): Promise<void> {
  const output = createOutput(options.json === true);
  const request = readCurlOptions(options);
  const removeUnusedFile = checkOutputFile(options.output);
  const path = options.store ?? purchaseStorePath(process.env);
  try {
    const parts = await chooseAndWarn(options, path, output);
    const response = await withClient({ ...parts, url }, async (client, paying) => {
      const powers = await describePowersOf(paying.wallet);
      for (const warning of [...powers, ...describeBlindness(paying.wallet)]) output.warn(warning);
      const send = (headers: Headers) => fetchAndDeliver(client, url, { ...request, headers }, options, output);
      // Whoever names the call says by that what is the same call.
      if (request.headers.has('idempotency-key')) return (await send(request.headers)).response;
      return tellingAtSignals(output, () =>
        asOneCall(paying, { url, ...request }, (key) => send(withKey(request.headers, key))),
      );
    });
    if (response.status >= 400) throw new ExitSignal(EXIT.httpError);
  } catch (error) {
    if (error instanceof SatwayError && error.code !== 'ANSWER_NOT_DELIVERED') removeUnusedFile();
    throw error;
  }
}

async function tellingAtSignals<T>(output: Output, steps: () => Promise<T>): Promise<T> {
  const stopListening = onStopSignal(() =>
    output.warn(
      'stopped. What may have been paid comes with the next run of the same command, which pays nothing more.',
    ),
  );
  try {
    return await steps();
  } finally {
    stopListening();
  }
}

function withKey(headers: Headers, idempotencyKey: string): Headers {
  const all = new Headers(headers);
  all.set('idempotency-key', idempotencyKey);
  return all;
}

/** The wallet, and what is careless about it, said before anything is paid. */
async function chooseAndWarn(
  options: PayOptions,
  storePath: string,
  output: Output,
): Promise<Omit<ClientParts, 'url'>> {
  const maxPerRequestSats = options.maxSats ?? limitFromEnvironment('MAX_AUTO_PAY_SATS', process.env);
  const budgetSats = options.budgetSats ?? limitFromEnvironment('BUDGET_SATS', process.env);
  const { settings, warnings } = await chooseWallet(options.walletFile, 'pay');
  for (const warning of [...warnings, ...describeExcess(settings)]) output.warn(warning);
  return { settings, storePath, maxPerRequestSats: maxPerRequestSats ?? DEFAULT_MAX_PER_REQUEST_SATS, budgetSats };
}

async function fetchAndDeliver(
  client: L402Client,
  url: string,
  request: RequestToSend,
  options: PayOptions,
  output: Output,
): Promise<Delivered> {
  const result = await client.tryFetch(url, request);
  if (!result.ok) throw result.error;
  const { response, payment } = result;
  try {
    if (output.json) await reportAsJson(response, payment, options.output);
    else await deliverBody(response, options.output);
  } catch (cause) {
    throw notDelivered(payment, cause);
  }
  if (!output.json) output.note(describePayment(payment));
  return { response, payment };
}

/** What goes wrong with the answer goes wrong after the payment, and must not read like a network that was never reached. */
function notDelivered(payment: PaymentFacts | null, cause: unknown): SatwayError {
  if (payment === null) return new SatwayError('ANSWER_NOT_DELIVERED', { fundsMoved: 'no', cause });
  const { paymentHashHex, paidMsat } = payment;
  return new SatwayError('ANSWER_NOT_DELIVERED', { cause, facts: { paymentHashHex, paidMsat } });
}

async function reportAsJson(response: Response, payment: PaymentFacts | null, file: string | undefined): Promise<void> {
  if (file !== undefined) await deliverBody(response, file);
  await deliverJson({
    event: 'done',
    status: response.status,
    paidMsat: payment?.paidMsat ?? 0,
    feeMsat: payment?.feeMsat ?? 0,
    paymentHash: payment?.paymentHashHex ?? null,
    source: payment?.source ?? null,
    ...(file === undefined ? { body: await response.text() } : { file }),
  });
}

function describePayment(payment: PaymentFacts | null): string {
  if (payment === null) return 'Nothing was asked for, nothing was paid.';
  if (payment.source !== 'bought') return 'Paid by an earlier payment.';
  return `Paid ${formatMsat(payment.paidMsat)} and ${formatMsat(payment.feeMsat)} in fees.`;
}
