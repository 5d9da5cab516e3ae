/** The calls of LND's REST interface that this adapter makes, and the permission that each needs. */
const PERMISSION_OF_CALL: readonly (readonly [call: RegExp, method: string])[] = [
  [/^GET \/v1\/getinfo$/, '/lnrpc.Lightning/GetInfo'],
  [/^GET \/v1\/balance\/channels$/, '/lnrpc.Lightning/ChannelBalance'],
  [/^GET \/v1\/channels$/, '/lnrpc.Lightning/ListChannels'],
  [/^GET \/v1\/payments$/, '/lnrpc.Lightning/ListPayments'],
  [/^POST \/v1\/invoices$/, '/lnrpc.Lightning/AddInvoice'],
  [/^GET \/v1\/invoices\/subscribe$/, '/lnrpc.Lightning/SubscribeInvoices'],
  [/^GET \/v1\/invoice\b/, '/lnrpc.Lightning/LookupInvoice'],
  [/^POST \/v2\/router\/send$/, '/routerrpc.Router/SendPaymentV2'],
  [/^GET \/v2\/router\/track\b/, '/routerrpc.Router/TrackPaymentV2'],
  [/^POST \/v1\/channels\/transactions$/, '/lnrpc.Lightning/SendPaymentSync'],
];

/** `uri:…` as `lncli bakemacaroon` takes it; `null` for a call that is not listed. `call` is a method and a path without argument. */
export function permissionFor(call: string): string | null {
  const method = PERMISSION_OF_CALL.find(([pattern]) => pattern.test(call))?.[1];
  return method === undefined ? null : `uri:${method}`;
}

/** The path without its argument and its question, for messages. */
export function callName(method: string, path: string): string {
  const [target = ''] = path.split('?');
  const short = target
    .split('/')
    .slice(0, 4)
    .join('/')
    .replace(/\/[0-9a-f]{64}$/, '');
  return `${method} ${short}`;
}
