import { randomBytes } from 'node:crypto';
import { encodeInvoice } from '@satway/protocol';
import {
  addHeldInvoice,
  addInvoice,
  type LndNode,
  payInvoice,
  type RegtestNetwork,
  sendRequest,
  urlSafe,
  waitUntil,
} from '../network/index.js';
import type { Call, Recorder } from './recorder.js';

/** The BOLT 11 specification's example "1 cup coffee", on the main network. */
const MAINNET_INVOICE =
  'lnbc2500u1pvjluezsp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygspp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdq5xysxxatsyp3k7enxv4jsxqzpu9qrsgquk0rl77nj30yxdy8j9vdx85fkpmdla2087ne0xh8nhedh8w27kyke0lp53ut353s06fv3qfegext0eh0ymjpf39tuven09sam30g4vgpfna3rh';

const send = (body: unknown): Call => ({ method: 'POST', path: '/v2/router/send', body });
const transact = (body: unknown): Call => ({ method: 'POST', path: '/v1/channels/transactions', body });

/** What `/v2/router/send` answers, case by case. */
export async function recordSending(recorder: Recorder, { nodes: { seller, buyer } }: RegtestNetwork): Promise<void> {
  const paid = await addInvoice(seller, 21_000);
  await recorder.record('send-succeeded', 'The final line only.', buyer, send(sendRequest(paid.invoice)));
  await recorder.record('send-refused-already-paid', 'The same invoice again.', buyer, send(sendRequest(paid.invoice)));
  const watched = await addInvoice(seller, 21_000);
  const withUpdates = sendRequest(watched.invoice, { no_inflight_updates: false });
  await recorder.record('send-succeeded-with-updates', 'With every line.', buyer, send(withUpdates));
  const tooMuch = await addInvoice(seller, 9_900_000_000);
  await recorder.record(
    'send-failed-insufficient-balance',
    'More than the channel holds.',
    buyer,
    send(sendRequest(tooMuch.invoice)),
  );
  await recorder.record(
    'send-failed-no-route',
    'To a node that nobody knows.',
    buyer,
    send(sendRequest(invoiceOfNobody().invoice)),
  );
  const cancelled = await addInvoice(seller, 21_000);
  await seller.call('POST', '/v2/invoices/cancel', { payment_hash: cancelled.paymentHashBase64 });
  await recorder.record(
    'send-failed-cancelled',
    'Cancelled by the seller.',
    buyer,
    send(sendRequest(cancelled.invoice)),
  );
  const expired = await addExpired(seller);
  await recorder.record('send-refused-expired', 'After its expiry.', buyer, send(sendRequest(expired.invoice)));
  await recorder.record(
    'send-refused-other-network',
    'Of the main network.',
    buyer,
    send(sendRequest(MAINNET_INVOICE)),
  );
  const open = await seller.call<{ payment_request: string }>('POST', '/v1/invoices', { memo: 'any amount' });
  await recorder.record(
    'send-refused-no-amount',
    'No amount in it, none given.',
    buyer,
    send(sendRequest(open.payment_request)),
  );
  const priced = await addInvoice(seller, 21_000);
  await recorder.record(
    'send-refused-amount-given',
    'An amount is given for a priced one.',
    buyer,
    send(sendRequest(priced.invoice, { amt_msat: '21000' })),
  );
  const own = await addInvoice(buyer, 21_000);
  await recorder.record('send-refused-own-invoice', 'To itself.', buyer, send(sendRequest(own.invoice)));
  await recorder.record(
    'send-refused-not-an-invoice',
    'Text with the right start.',
    buyer,
    send(sendRequest('lnbcrt1qqqqqq')),
  );
  await recorder.record(
    'send-refused-unknown-field',
    'A field that lnd does not know.',
    buyer,
    send(sendRequest(priced.invoice, { amount: '1' })),
  );
  await recorder.record(
    'send-refused-empty',
    'An empty request: tells a macaroon that may send from one that may not.',
    buyer,
    send({}),
  );
}

/** A payment that is held at the seller: in flight, then settled. */
export async function recordHeld(recorder: Recorder, { nodes: { seller, buyer } }: RegtestNetwork): Promise<void> {
  const held = await addHeldInvoice(seller, 21_000);
  const lookUp = { method: 'GET', path: `/v1/invoice/${held.paymentHashHex}` };
  const paying = payInvoice(buyer, held.invoice);
  await waitUntil('the invoice is held', async () => (await seller.ask('GET', lookUp.path)).body.includes('ACCEPTED'));
  await recorder.record('invoice-held', 'A payer holds money ready; the seller has not decided.', seller, lookUp);
  await recorder.record(
    'send-refused-in-transition',
    'The same invoice while it is in flight.',
    buyer,
    send(sendRequest(held.invoice)),
  );
  const track = { method: 'GET', path: `/v2/router/track/${urlSafe(held.paymentHashBase64)}` };
  await recorder.recordLines('track-in-flight', 'In flight; the answer stays open after this line.', buyer, track, 1);
  await recorder.record('channels-with-held-payment', 'The channel of the payer meanwhile.', buyer, {
    method: 'GET',
    path: '/v1/channels',
  });
  await recorder.record(
    'transactions-in-transition',
    'The same invoice while it is in flight, over the older interface.',
    buyer,
    transact({ payment_request: held.invoice, fee_limit: { fixed_msat: '10000' } }),
  );
  await recorder.record('balance-with-held-payment', 'The balance of the payer meanwhile.', buyer, {
    method: 'GET',
    path: '/v1/balance/channels',
  });
  await held.settle();
  await paying;
}

/** Track, by hash. */
export async function recordTracking(recorder: Recorder, { nodes: { seller, buyer } }: RegtestNetwork): Promise<void> {
  const track = (hash: string): Call => ({ method: 'GET', path: `/v2/router/track/${hash}` });
  const paid = await addInvoice(seller, 21_000);
  await payInvoice(buyer, paid.invoice);
  await recorder.record('track-succeeded', 'Settled.', buyer, track(urlSafe(paid.paymentHashBase64)));
  await recorder.record(
    'track-without-updates',
    'Settled, asked for the final line only.',
    buyer,
    track(`${urlSafe(paid.paymentHashBase64)}?no_inflight_updates=true`),
  );
  const tooMuch = await addInvoice(seller, 9_900_000_000);
  await payInvoice(buyer, tooMuch.invoice);
  await recorder.record(
    'track-failed',
    'Failed for want of balance.',
    buyer,
    track(urlSafe(tooMuch.paymentHashBase64)),
  );
  await recorder.record(
    'track-unknown',
    'A hash that was never sent.',
    buyer,
    track(urlSafe(randomBytes(32).toString('base64'))),
  );
  await recorder.record('payments-before-the-first', 'A page that holds none.', buyer, {
    method: 'GET',
    path: '/v1/payments?include_incomplete=true&reversed=true&index_offset=1&max_payments=100',
  });
  await recorder.record('track-refused-hex', 'The hash as hex.', buyer, track(paid.paymentHashHex));
  await recorder.record(
    'track-refused-unpadded',
    'Without the padding.',
    buyer,
    track(urlSafe(paid.paymentHashBase64).replace(/=+$/, '')),
  );
  await recorder.record(
    'track-refused-standard-base64',
    'Standard base64 with a slash in it.',
    buyer,
    track(`${'/'.repeat(43)}=`),
  );
}

/** The older interface, whose failures are HTTP 200. */
export async function recordOlderSending(
  recorder: Recorder,
  { nodes: { seller, buyer } }: RegtestNetwork,
): Promise<void> {
  const record = (name: string, about: string, invoice: string): Promise<string> =>
    recorder.record(name, about, buyer, transact({ payment_request: invoice, fee_limit: { fixed_msat: '10000' } }));
  const paid = await addInvoice(seller, 21_000);
  await record('transactions-succeeded', 'Paid.', paid.invoice);
  await record('transactions-already-paid', 'The same again.', paid.invoice);
  const tooMuch = await addInvoice(seller, 9_900_000_000);
  await record('transactions-failed', 'More than the channel holds.', tooMuch.invoice);
  await record('transactions-failed-no-route', 'To a node that nobody knows.', invoiceOfNobody().invoice);
  const cancelled = await addInvoice(seller, 21_000);
  await seller.call('POST', '/v2/invoices/cancel', { payment_hash: cancelled.paymentHashBase64 });
  await record('transactions-failed-cancelled', 'Cancelled by the seller.', cancelled.invoice);
  const expired = await addExpired(seller);
  await record('transactions-refused-expired', 'After its expiry.', expired.invoice);
  await record('transactions-refused-other-network', 'Of the main network.', MAINNET_INVOICE);
  const open = await seller.call<{ payment_request: string }>('POST', '/v1/invoices', { memo: 'any amount' });
  await record('transactions-refused-no-amount', 'No amount in it, none given.', open.payment_request);
  await recorder.record('transactions-empty', 'An empty request.', buyer, transact({}));
}

async function addExpired(seller: LndNode): Promise<{ readonly invoice: string }> {
  const expired = await addInvoice(seller, 21_000, { expiry: '1' });
  await waitUntil('the invoice has expired', async () =>
    (await seller.ask('GET', `/v1/invoice/${expired.paymentHashHex}`)).body.includes('CANCELED'),
  );
  return expired;
}

/** Written by our own encoder, for a node that the network has never heard of. */
export function invoiceOfNobody(): { invoice: string; paymentHashHex: string } {
  const paymentHashHex = randomBytes(32).toString('hex');
  const invoice = encodeInvoice(
    {
      network: 'regtest',
      amountMsat: 21_000n,
      timestampSeconds: Math.floor(Date.now() / 1000),
      paymentHashHex,
      paymentSecretHex: randomBytes(32).toString('hex'),
      description: 'nobody is there',
      minFinalCltvExpiryDelta: 80,
    },
    randomBytes(32),
  );
  return { invoice, paymentHashHex };
}
