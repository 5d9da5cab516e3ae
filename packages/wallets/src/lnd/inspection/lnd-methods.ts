/** Every gRPC method of LND by which money leaves through a channel. */
export const PAYING: ReadonlySet<string> = new Set([
  '/lnrpc.Lightning/SendPayment',
  '/lnrpc.Lightning/SendPaymentSync',
  '/lnrpc.Lightning/SendToRoute',
  '/lnrpc.Lightning/SendToRouteSync',
  '/routerrpc.Router/SendPayment',
  '/routerrpc.Router/SendPaymentV2',
  '/routerrpc.Router/SendToRoute',
  '/routerrpc.Router/SendToRouteV2',
]);

export const INVOICING: ReadonlySet<string> = new Set([
  '/lnrpc.Lightning/AddInvoice',
  '/invoicesrpc.Invoices/AddHoldInvoice',
]);

/** Methods that show balances, payments, invoices or channels of the node. */
export const READING: ReadonlySet<string> = new Set([
  '/invoicesrpc.Invoices/LookupInvoiceV2',
  '/invoicesrpc.Invoices/SubscribeSingleInvoice',
  '/lnrpc.Lightning/ChannelBalance',
  '/lnrpc.Lightning/ClosedChannels',
  '/lnrpc.Lightning/ExportAllChannelBackups',
  '/lnrpc.Lightning/ExportChannelBackup',
  '/lnrpc.Lightning/FeeReport',
  '/lnrpc.Lightning/ForwardingHistory',
  '/lnrpc.Lightning/GetDebugInfo',
  '/lnrpc.Lightning/GetTransactions',
  '/lnrpc.Lightning/ListChannels',
  '/lnrpc.Lightning/ListInvoices',
  '/lnrpc.Lightning/ListPayments',
  '/lnrpc.Lightning/ListUnspent',
  '/lnrpc.Lightning/LookupHtlcResolution',
  '/lnrpc.Lightning/LookupInvoice',
  '/lnrpc.Lightning/PendingChannels',
  '/lnrpc.Lightning/SubscribeChannelBackups',
  '/lnrpc.Lightning/SubscribeChannelEvents',
  '/lnrpc.Lightning/SubscribeInvoices',
  '/lnrpc.Lightning/SubscribeTransactions',
  '/lnrpc.Lightning/WalletBalance',
  '/routerrpc.Router/SubscribeHtlcEvents',
  '/routerrpc.Router/TrackPayment',
  '/routerrpc.Router/TrackPaymentV2',
  '/routerrpc.Router/TrackPayments',
  '/walletrpc.WalletKit/GetTransaction',
  '/walletrpc.WalletKit/ListAccounts',
  '/walletrpc.WalletKit/ListAddresses',
  '/walletrpc.WalletKit/ListLeases',
  '/walletrpc.WalletKit/ListSweeps',
  '/walletrpc.WalletKit/ListUnspent',
  '/walletrpc.WalletKit/PendingSweeps',
]);

/** Methods that only look at something, give out addresses of the node's own, or end an invoice; by their names, as LND has many. */
const HARMLESS =
  /\/(?:Get|List|Lookup|Subscribe|Query|Decode|Estimate|Describe|Verify|Check|Stats$|Policy$|BuildRoute$|RequiredReserve$|Register\w+Ntfn$|Derive(?:Next)?Key$|NewAddress$|NextAddr$|CancelInvoice$|SettleInvoice$|DeleteCanceledInvoice$|FeeReport$)/;

/** Whether a method gets at more than paying, invoices and reading. One that nobody knows is taken to. */
export function isAdministering(method: string): boolean {
  return !PAYING.has(method) && !INVOICING.has(method) && !READING.has(method) && !HARMLESS.test(method);
}
