import { SatwayError } from '@satway/base';
import type { ExchangeResponse } from '@satway/egress';
import type { PaymentLookUp } from '../wallet.js';
import { asObject, checkPaymentHash, parseJsonObject, walletError } from '../rest/index.js';
import { readLines } from './lines.js';
import { lndErrorOf, refusedCall } from './lnd-error.js';
import type { LndRest } from './lnd-rest.js';
import { readPaymentLine } from './payment-line.js';

const MAX_LINE_BYTES = 256 * 1024;
const NEVER_SENT = "payment isn't initiated";

/**
 * Asks what became of a payment: the first line answers. `notFound` is LND's exact words alone, since other 404s mean other things.
 *
 * @throws {SatwayError} the codes of `InvoiceIssuer`.
 */
export async function trackPayment(rest: LndRest, paymentHashHex: string): Promise<PaymentLookUp> {
  checkPaymentHash(paymentHashHex);
  const response = await open(rest, paymentHashHex);
  const line = await firstLine(response);
  const json = parseJsonObject(line);
  const result = asObject(json?.['result']);
  if (result === null) {
    const error = lndErrorOf(json);
    if (response.status === 404 && error?.code === 5 && error.message === NEVER_SENT) {
      return { state: 'notFound', walletNowMs: walletNowMs(response) };
    }
    throw refusedCall('GET /v2/router/track', error, response.status);
  }
  const found = readPaymentLine(result, paymentHashHex);
  if (found.state === 'doubtful') throw new SatwayError('WALLET_ANSWER_INVALID', { detail: found.detail });
  return found.state === 'failed' ? { ...found, walletNowMs: walletNowMs(response) } : found;
}

/** Url-safe base64 with its padding is the one form that LND reads for every hash. */
async function open(rest: LndRest, paymentHashHex: string): Promise<ExchangeResponse> {
  const hash = Buffer.from(paymentHashHex, 'hex').toString('base64').replaceAll('+', '-').replaceAll('/', '_');
  try {
    return await rest.open({
      method: 'GET',
      path: `/v2/router/track/${hash}?no_inflight_updates=false`,
      deadlineMs: rest.callTimeoutMs,
      maxBodyBytes: 2 * MAX_LINE_BYTES,
    });
  } catch (error) {
    throw walletError(error);
  }
}

/** The stream of a payment in flight stays open; leaving it changes nothing. */
async function firstLine(response: ExchangeResponse): Promise<string> {
  try {
    for await (const line of readLines(response.body, MAX_LINE_BYTES)) return line;
  } catch (error) {
    throw walletError(error);
  } finally {
    response.discard();
  }
  return '';
}

/** Every answer of LND carries its own clock. */
function walletNowMs(response: ExchangeResponse): number | null {
  const date = Date.parse(response.header('date') ?? '');
  return Number.isNaN(date) ? null : date;
}
