import { createHash } from 'node:crypto';
import { isSatwayError, SatwayError } from '@satway/base';
import { L402Client, type Purchase, type PurchaseStore } from '@satway/client';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { ExitSignal } from '../exit-signal.js';
import { createOutput } from '../output/index.js';
import { checkOutputFile, deliverBody, deliverJson } from '../pay/deliver-body.js';
import { readCurlOptions, type RequestToSend } from '../pay/curl-options.js';
import { typedHosts } from '../pay/typed-host.js';
import { findPurchase, noSuchPayment, walletThatPaid, withPurchases } from '../payments/index.js';

interface UseOptions {
  readonly data?: string;
  readonly header?: readonly string[];
  readonly output?: string;
  readonly store?: string;
  readonly json?: boolean;
}

const HELP = `
Sends the call that was paid for, with what was paid. There is no wallet behind it, so nothing can be paid. A call with a body needs the very same body again.

Exit codes: 0 answered; 2 called wrongly, or there is nothing to use; 6 network; 8 the seller does not deliver; 9 the answer's status is 400 or above.

Examples:
  satway payments use 3f9a21c0 -o item.json
  satway payments use 3f9a21c0 -d @question.json -H 'Content-Type: application/json'`;

/** `satway payments use`: the answer to what is paid and was never used. */
export function addPaymentsUseCommand(payments: Command): void {
  payments
    .command('use')
    .description('Get what is paid and was not used, without paying.')
    .argument('<payment>', 'its payment hash or purchase id, or the first 8 digits or more of the hash')
    .option('-d, --data <data>', 'the body that was paid for; @file for a file, @- for stdin')
    .option('-H, --header <line>', 'a header "Name: value"; can be repeated', (line: string, lines?: string[]) => [
      ...(lines ?? []),
      line,
    ])
    .option('-o, --output <file>', 'write the answer there instead of to stdout')
    .option('--store <file>', 'file of purchases')
    .option('--json', 'print one JSON object; the body goes to -o, or into the object')
    .addHelpText('after', HELP)
    .action((payment: string, _: unknown, command: Command) => runUse(payment, command.optsWithGlobals()));
}

async function runUse(payment: string, options: UseOptions): Promise<void> {
  const removeUnusedFile = checkOutputFile(options.output);
  try {
    const request = readCurlOptions(options);
    const status = await withPurchases(
      options.store,
      (store) => use(store, findPurchase(store, payment), request, options),
      absent,
    );
    if (status >= 400) throw new ExitSignal(EXIT.httpError);
  } catch (error) {
    if (error instanceof SatwayError && error.code !== 'ANSWER_NOT_DELIVERED') removeUnusedFile();
    throw error;
  }
}

function absent(): never {
  throw noSuchPayment();
}

async function use(
  store: PurchaseStore,
  purchase: Purchase,
  request: RequestToSend,
  options: UseOptions,
): Promise<number> {
  refuseUnusable(store, purchase, request);
  // A cap of 0 pays nothing, and the wallet could not.
  const limits = { maxPerRequestSats: 0, allowHosts: typedHosts(purchase.url) };
  const client = new L402Client({ wallet: walletThatPaid(purchase), store, budgetId: purchase.budgetId, ...limits });
  try {
    const { method, url, idempotencyKey, keyGiven, paymentHashHex } = purchase;
    const headers = new Headers(request.headers);
    if (keyGiven) headers.set('idempotency-key', idempotencyKey);
    const response = await fetchPaid(client, url, { method, headers, body: request.body });
    await deliver(response, paymentHashHex, options);
    return response.status;
  } finally {
    await client.close();
  }
}

/** What would end in another purchase is refused before anything is sent. */
function refuseUnusable({ journal }: PurchaseStore, purchase: Purchase, { body }: RequestToSend): void {
  const { purchaseId, state, bodySha256Hex } = purchase;
  const unused = journal.listUnused(Date.now()).find((each) => each.purchase.purchaseId === purchaseId);
  if (unused === undefined) throw wrongCall(`There is nothing of it to use: it is ${state}.`);
  const digest = createHash('sha256')
    .update(body ?? '')
    .digest('hex');
  if (digest !== bodySha256Hex) throw wrongCall('It was paid for with another body; give that one with -d.');
  if (unused.answerDue && !journal.adopt(purchaseId))
    throw new SatwayError('PURCHASE_UNDER_WAY', { fundsMoved: 'yes' });
  journal.park(purchaseId);
}

async function fetchPaid(client: L402Client, url: string, init: RequestInit): Promise<Response> {
  try {
    return await client.fetch(url, init);
  } catch (error) {
    if (!isSatwayError(error, 'PRICE_ABOVE_LIMIT')) throw error;
    throw new SatwayError('REDEMPTION_REFUSED', { detail: 'The seller asks for another payment.', cause: error });
  }
}

async function deliver(response: Response, paymentHashHex: string, { output: file, json }: UseOptions): Promise<void> {
  try {
    if (json !== true || file !== undefined) await deliverBody(response, file);
    if (json !== true) return createOutput(false).note('Paid by an earlier payment.');
    const what = file === undefined ? { body: await response.text() } : { file };
    await deliverJson({ event: 'used', status: response.status, paymentHash: paymentHashHex, ...what });
  } catch (cause) {
    throw new SatwayError('ANSWER_NOT_DELIVERED', { cause, facts: { paymentHashHex } });
  }
}

function wrongCall(detail: string): SatwayError {
  return new SatwayError('CLI_USAGE', { detail });
}
