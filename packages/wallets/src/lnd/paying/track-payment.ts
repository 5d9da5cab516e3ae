import type { ExchangeResponse } from '@satway/egress';
import { asObject, type Json, parseJsonObject } from '../../rest/index.js';
import { readLines } from '../lines.js';
import { lndErrorOf } from '../lnd-error.js';
import { clockOf, lndConnectionError, type LndRest } from '../lnd-rest.js';

const MAX_LINE_BYTES = 256 * 1024;
const NEVER_SENT = "payment isn't initiated";

/** What LND has on a payment hash: `lnrpc.Payment` as it stands now, `null` where there is no record. */
export interface PaymentRecord {
  readonly payment: Json | null;
  /** LND's own clock. */
  readonly nowMs: number | null;
}

/**
 * Asks for the record of a payment by its hash: the first line answers. "No record" is LND's exact words alone, since other 404s mean other things.
 *
 * @throws {SatwayError} the codes of `InvoiceIssuer`.
 */
export async function trackPayment(rest: LndRest, paymentHashHex: string): Promise<PaymentRecord> {
  const response = await open(rest, paymentHashHex);
  const nowMs = clockOf(response);
  const json = parseJsonObject(await firstLine(response));
  const payment = asObject(json?.['result']);
  if (payment !== null) return { payment, nowMs };
  const error = lndErrorOf(json);
  if (response.status === 404 && error?.code === 5 && error.message === NEVER_SENT) return { payment: null, nowMs };
  throw await rest.refusal('GET /v2/router/track', error, response.status);
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
    throw lndConnectionError(error);
  }
}

/** The stream of a payment in flight stays open; leaving it changes nothing. */
async function firstLine(response: ExchangeResponse): Promise<string> {
  try {
    for await (const line of readLines(response.body, MAX_LINE_BYTES)) return line;
  } catch (error) {
    throw lndConnectionError(error);
  } finally {
    response.discard();
  }
  return '';
}
