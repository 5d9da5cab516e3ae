import { randomBytes } from 'node:crypto';
import { addInvoice, payInvoice, type RegtestNetwork, waitUntil } from '../network/index.js';
import type { Recorder } from './recorder.js';

const INVOICES = '/v1/invoices';

/** Adding invoices, and an invoice in each of its states. */
export async function recordSelling(recorder: Recorder, { nodes: { seller, buyer } }: RegtestNetwork): Promise<void> {
  const post = (body: unknown): { method: string; path: string; body: unknown } => ({
    method: 'POST',
    path: INVOICES,
    body,
  });
  const ours = { value_msat: '21000', memo: 'one call', expiry: '600' };
  await recorder.record('invoice-added', 'A priced invoice.', seller, post(ours));
  await recorder.record('invoice-added-without-amount', 'No amount.', seller, post({ memo: 'any amount' }));
  const preimage = randomBytes(32).toString('base64');
  await recorder.record(
    'invoice-added-own-preimage',
    'With a preimage of ours.',
    seller,
    post({ ...ours, r_preimage: preimage }),
  );
  await recorder.record(
    'invoice-refused-repeated-preimage',
    'The same preimage again.',
    seller,
    post({ ...ours, r_preimage: preimage }),
  );
  await recorder.record('invoice-refused-negative', 'An amount below zero.', seller, post({ value: '-1' }));
  await recorder.record(
    'invoice-refused-both-amounts',
    'value and value_msat.',
    seller,
    post({ value: '1', value_msat: '1000' }),
  );
  await recorder.record(
    'invoice-refused-unknown-field',
    'A field that lnd does not know.',
    seller,
    post({ amount: '1' }),
  );
  await recorder.record('invoice-refused-not-json', 'A body that is no JSON.', seller, post('{'));

  const lookUp = (hashHex: string): { method: string; path: string } => ({
    method: 'GET',
    path: `/v1/invoice/${hashHex}`,
  });
  const open = await addInvoice(seller, 21_000);
  await recorder.record(
    'invoice-open',
    'Not paid. Shows the preimage all the same.',
    seller,
    lookUp(open.paymentHashHex),
  );
  await payInvoice(buyer, open.invoice);
  await recorder.record('invoice-settled', 'Paid.', seller, lookUp(open.paymentHashHex));
  const cancelled = await addInvoice(seller, 21_000);
  const cancel = { method: 'POST', path: '/v2/invoices/cancel', body: { payment_hash: cancelled.paymentHashBase64 } };
  await recorder.record('cancel-done', 'An open invoice is cancelled.', seller, cancel);
  await recorder.record('cancel-repeated', 'The same again.', seller, cancel);
  await recorder.record('cancel-refused-settled', 'A paid invoice is cancelled.', seller, {
    ...cancel,
    body: { payment_hash: open.paymentHashBase64 },
  });
  await recorder.record('cancel-refused-unknown', 'A hash that the node does not know.', seller, {
    ...cancel,
    body: { payment_hash: randomBytes(32).toString('base64') },
  });
  await recorder.record('invoice-cancelled', 'Cancelled by the seller.', seller, lookUp(cancelled.paymentHashHex));
  const expired = await addInvoice(seller, 21_000, { expiry: '1' });
  await waitUntil('the invoice has expired', async () =>
    (await seller.ask('GET', `/v1/invoice/${expired.paymentHashHex}`)).body.includes('CANCELED'),
  );
  await recorder.record('invoice-expired', 'Cancelled by its own expiry.', seller, lookUp(expired.paymentHashHex));
  await recorder.record('invoice-unknown', 'A hash that the node does not know.', seller, lookUp('00'.repeat(32)));
  await recorder.record('invoice-look-up-malformed', 'A hash that is too short.', seller, lookUp('0011'));
  await recordSubscription(recorder, { seller, buyer });
}

async function recordSubscription(recorder: Recorder, { seller, buyer }: RegtestNetwork['nodes']): Promise<void> {
  const call = { method: 'GET', path: '/v1/invoices/subscribe' };
  const addAndPay = async (): Promise<void> => {
    const { invoice } = await addInvoice(seller, 21_000);
    await payInvoice(buyer, invoice);
  };
  await recorder.recordLines('invoices-subscribed', 'An invoice is added, then paid.', seller, call, 2, addAndPay);
}
