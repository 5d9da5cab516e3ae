import { withCaveat } from '../../../packages/wallets/test/lnd/macaroons.js';
import { addInvoice, type RegtestNetwork, sendRequest } from '../network/index.js';
import type { Recorder } from './recorder.js';

/** What the node says of itself, and of an invoice. */
export async function recordNode(recorder: Recorder, { nodes: { seller, buyer } }: RegtestNetwork): Promise<void> {
  const get = (path: string): { method: string; path: string } => ({ method: 'GET', path });
  const { invoice } = await addInvoice(seller, 21_000, { expiry: '600' });
  await recorder.record('getinfo', 'The node itself.', buyer, get('/v1/getinfo'));
  await recorder.record('balance-channels', 'The balance of the channels.', buyer, get('/v1/balance/channels'));
  await recorder.record('payreq', 'A priced invoice is decoded.', buyer, get(`/v1/payreq/${invoice}`));
  await recorder.record('payreq-garbage', 'Not an invoice.', buyer, get('/v1/payreq/lnbcrt1qqqqqq'));
  await recorder.record('state', 'Where the node stands; needs no macaroon.', buyer, get('/v1/state'));
  await recorder.record('payments', 'The last payment.', buyer, get('/v1/payments?reversed=true&max_payments=1'));
  await recorder.record('unknown-path', 'A path that lnd does not know.', buyer, get('/v1/nothing'));
  await recorder.record('unknown-method', 'A method that the path does not know.', buyer, {
    method: 'PUT',
    path: '/v1/getinfo',
  });
}

/** No caveat bounds what a macaroon may spend: one that LND does not know, or that nobody but a middleware would judge, refuses every call. */
const CAVEATS = [
  ['macaroon-expired', 'Its time has passed.', 'time-before 2020-01-01T00:00:00Z'],
  ['macaroon-custom-caveat', 'A custom caveat.', 'lnd-custom max_send_amount 1000'],
  ['macaroon-unknown-caveat', 'A caveat that LND does not know.', 'max_send_amount=1000'],
  ['macaroon-unreadable-caveat', 'A caveat that LND cannot read: a blank stands first.', ' max_send_amount=1000'],
] as const;

/** Every way in which a macaroon is refused. None of these requests moves money. */
export async function recordRefusedMacaroons(
  recorder: Recorder,
  { nodes: { seller, buyer } }: RegtestNetwork,
): Promise<void> {
  const payOnly = await buyer.bakeMacaroon(['/routerrpc.Router/SendPaymentV2']);
  const readOnly = await buyer.bakeMacaroon(['/lnrpc.Lightning/GetInfo']);
  const { invoice } = await addInvoice(seller, 21_000);
  const info = { method: 'GET', path: '/v1/getinfo' };
  const send = { method: 'POST', path: '/v2/router/send', body: sendRequest(invoice) };
  await recorder.record('macaroon-refused', 'A macaroon without this permission.', buyer, {
    ...info,
    macaroonHex: payOnly,
  });
  await recorder.record('macaroon-refused-on-stream', 'The same, on send.', buyer, { ...send, macaroonHex: readOnly });
  const older = { method: 'POST', path: '/v1/channels/transactions', body: {} };
  const add = { method: 'POST', path: '/v1/invoices', body: { value: '-1' } };
  await recorder.record('macaroon-refused-by-older-call', 'The same, on the older way to pay.', buyer, {
    ...older,
    macaroonHex: payOnly,
  });
  await recorder.record('macaroon-refused-for-invoices', 'The same, for a new invoice.', buyer, {
    ...add,
    macaroonHex: payOnly,
  });
  for (const [name, about, caveat] of CAVEATS) {
    const macaroonHex = withCaveat(buyer.macaroonHex(), caveat);
    await recorder.record(name, about, buyer, { ...info, macaroonHex });
    await recorder.record(`${name}-on-stream`, 'The same, on send.', buyer, { ...send, macaroonHex });
  }
  await recorder.record('macaroon-missing', 'No macaroon at all.', buyer, { ...info, macaroonHex: '' });
  await recorder.record('macaroon-missing-on-stream', 'The same, on send.', buyer, { ...send, macaroonHex: '' });
  await recorder.record('macaroon-not-hex', 'A header that is not hex.', buyer, { ...info, macaroonHex: 'xyz' });
  await recorder.record('macaroon-garbage', 'Hex that is no macaroon.', buyer, { ...info, macaroonHex: '00ff' });
  const ended = await buyer.bakeMacaroon(['/lnrpc.Lightning/GetInfo', '/routerrpc.Router/SendPaymentV2'], 909);
  await buyer.call('DELETE', '/v1/macaroon/909');
  await recorder.record('macaroon-of-deleted-key', 'Its root key was deleted.', buyer, { ...info, macaroonHex: ended });
  await recorder.record('macaroon-of-deleted-key-on-stream', 'The same, on send.', buyer, {
    ...send,
    macaroonHex: ended,
  });
  await recorder.record('macaroon-of-other-node', 'A macaroon of the other node.', buyer, {
    ...info,
    macaroonHex: seller.macaroonHex(),
  });
}
