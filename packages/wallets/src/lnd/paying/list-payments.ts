import { SatwayError } from '@satway/base';
import { asObject, integerOf, type Json, textOf } from '../../rest/index.js';
import { lndErrorOf } from '../lnd-error.js';
import type { LndAnswer, LndRest } from '../lnd-rest.js';
import type { PaymentRecord } from './track-payment.js';

const PAGE = 100;
const MAX_PAGE_BYTES = 16 * 1024 * 1024;
/** 100,000 payments, some five seconds of LND's time. */
const MOST_PAGES = 1000;

/**
 * Looks for the record of a payment among all of them, newest first: LND's list knows no filter by hash. A payment that is tried again gets a new place at
 * the end, so what came after the first look is read before the list counts as one without it.
 *
 * @throws {SatwayError} the codes of `InvoiceIssuer`; `WALLET_REFUSED` where there are too many to read them all.
 */
export async function findInPayments(rest: LndRest, paymentHashHex: string): Promise<PaymentRecord> {
  const newest = await readPage(rest, 'reversed=true');
  const { nowMs, lastIndex: newestIndex } = newest;
  let page = newest;
  for (let pages = 1; page.payments.length > 0; pages += 1) {
    const payment = find(page.payments, paymentHashHex);
    if (payment !== null) return { payment, nowMs };
    if (pages >= MOST_PAGES) throw tooMany();
    const older = await readPage(rest, `reversed=true&index_offset=${page.firstIndex}`);
    if (older.payments.length > 0 && older.firstIndex >= page.firstIndex) throw invalid();
    page = older;
  }
  const since = newestIndex === 0 ? newest : await readPage(rest, `index_offset=${newestIndex}`);
  const payment = find(since.payments, paymentHashHex);
  if (payment === null && since.payments.length === PAGE) throw tooMany();
  return { payment, nowMs };
}

interface Page {
  readonly payments: readonly Json[];
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly nowMs: number | null;
}

async function readPage(rest: LndRest, which: string): Promise<Page> {
  const path = `/v1/payments?include_incomplete=true&max_payments=${PAGE}&${which}`;
  const answer = await rest.ask({ method: 'GET', path, maxBodyBytes: MAX_PAGE_BYTES });
  if (answer.status !== 200) throw await rest.refusal('GET /v1/payments', lndErrorOf(answer.json), answer.status);
  return pageOf(answer);
}

function pageOf({ json, nowMs }: LndAnswer): Page {
  const payments = json?.['payments'];
  const firstIndex = integerOf(json ?? {}, 'first_index_offset');
  const lastIndex = integerOf(json ?? {}, 'last_index_offset');
  if (!Array.isArray(payments) || firstIndex === null || lastIndex === null) throw invalid();
  return { payments: payments.map((each) => asObject(each) ?? {}), firstIndex, lastIndex, nowMs };
}

function find(payments: readonly Json[], paymentHashHex: string): Json | null {
  return payments.find((payment) => textOf(payment, 'payment_hash') === paymentHashHex) ?? null;
}

function invalid(): SatwayError {
  return new SatwayError('WALLET_ANSWER_INVALID', { detail: 'The list of payments cannot be read.' });
}

function tooMany(): SatwayError {
  return new SatwayError('WALLET_REFUSED', {
    detail: `The payment is not among the newest ${PAGE * MOST_PAGES}; a macaroon with uri:/routerrpc.Router/TrackPaymentV2 finds it.`,
  });
}
