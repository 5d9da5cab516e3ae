import { createLndIssuer, connectLndPayer } from '@satway/wallets/lnd';
import type { PayingWallet, ReceivingWallet } from '@satway/wallets';
import type { LndNode } from './network/index.js';

/** What a payer's macaroon allows, and nothing else. */
const PAY = [
  '/routerrpc.Router/SendPaymentV2',
  '/routerrpc.Router/TrackPaymentV2',
  '/lnrpc.Lightning/ChannelBalance',
  '/lnrpc.Lightning/GetInfo',
  '/lnrpc.Lightning/ListChannels',
];

/** What a seller's macaroon allows: it can neither pay nor tell who the node is. */
const INVOICE = ['/lnrpc.Lightning/AddInvoice', '/lnrpc.Lightning/LookupInvoice', '/lnrpc.Lightning/SubscribeInvoices'];

export const bakePayMacaroon = (node: LndNode): Promise<string> => node.bakeMacaroon(PAY, 1);
export const bakeInvoiceMacaroon = (node: LndNode): Promise<string> => node.bakeMacaroon(INVOICE, 2);

/** The adapter on a real node, with a payer's permissions. */
export async function payerOf(node: LndNode): Promise<PayingWallet> {
  return connectLndPayer({
    url: node.restUrl,
    tlsCertFile: node.tlsCertPath,
    macaroonHex: await bakePayMacaroon(node),
  });
}

/** The adapter on a real node, with a seller's permissions. */
export async function issuerOf(node: LndNode): Promise<ReceivingWallet> {
  return createLndIssuer({
    url: node.restUrl,
    tlsCertFile: node.tlsCertPath,
    macaroonHex: await bakeInvoiceMacaroon(node),
  });
}
