import type { Operation } from '../../../lnd-macaroon/index.js';

/** The macaroons that the sandbox hands out. */
export type MacaroonKind = 'admin' | 'invoice' | 'pay' | 'read';

const READ_WRITE = ['read', 'write'];
const uris = (...methods: string[]): Operation[] => [{ entity: 'uri', actions: methods }];

/** What each kind may do: `admin` everything, the others these gRPC methods and nothing else. */
export const OPERATIONS_BY_KIND: Readonly<Record<MacaroonKind, readonly Operation[]>> = {
  admin: [
    ...['address', 'info', 'invoices'].map((entity) => ({ entity, actions: READ_WRITE })),
    { entity: 'macaroon', actions: ['generate', 'read', 'write'] },
    ...['message', 'offchain', 'onchain', 'peers'].map((entity) => ({ entity, actions: READ_WRITE })),
    { entity: 'signer', actions: ['generate', 'read'] },
  ],
  invoice: uris(
    '/lnrpc.Lightning/AddInvoice',
    '/lnrpc.Lightning/LookupInvoice',
    '/lnrpc.Lightning/SubscribeInvoices',
    '/invoicesrpc.Invoices/CancelInvoice',
  ),
  pay: uris(
    '/routerrpc.Router/SendPaymentV2',
    '/routerrpc.Router/TrackPaymentV2',
    '/lnrpc.Lightning/DecodePayReq',
    '/lnrpc.Lightning/ChannelBalance',
    '/lnrpc.Lightning/GetInfo',
    '/lnrpc.Lightning/ListChannels',
  ),
  read: uris(
    '/lnrpc.Lightning/GetInfo',
    '/lnrpc.Lightning/ChannelBalance',
    '/lnrpc.Lightning/ListPayments',
    '/routerrpc.Router/TrackPaymentV2',
    '/lnrpc.Lightning/DecodePayReq',
  ),
};
