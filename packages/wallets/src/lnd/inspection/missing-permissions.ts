import { type Operation, type Permission, permits } from '../../lnd-macaroon/index.js';
import type { WalletRole } from '../../wallet.js';
import type { ProvenCalls } from './probe.js';

const call = (entity: string, action: string, method: string): Permission => ({ entity, action, uri: method });

const SEND = call('offchain', 'write', '/routerrpc.Router/SendPaymentV2');
const TRACK = call('offchain', 'read', '/routerrpc.Router/TrackPaymentV2');
const LIST = call('offchain', 'read', '/lnrpc.Lightning/ListPayments');
const INFO = call('info', 'read', '/lnrpc.Lightning/GetInfo');
const BALANCE = call('offchain', 'read', '/lnrpc.Lightning/ChannelBalance');
const ADD = call('invoices', 'write', '/lnrpc.Lightning/AddInvoice');
const LOOK_UP = call('invoices', 'read', '/lnrpc.Lightning/LookupInvoice');
const SUBSCRIBE = call('invoices', 'read', '/lnrpc.Lightning/SubscribeInvoices');

/** What each role cannot do without; of several calls in one entry any is enough, and the first is the one to add. */
const WANTED: Readonly<Record<WalletRole, readonly (readonly [Permission, ...Permission[]])[]>> = {
  pay: [[SEND], [TRACK, LIST], [INFO], [BALANCE]],
  receive: [[ADD], [LOOK_UP], [SUBSCRIBE]],
  read: [[TRACK, LIST], [INFO], [BALANCE]],
};

/** The permissions to add for a role, as `lncli bakemacaroon` takes them. What was shown by the node counts more than what the macaroon says. */
export function missingFor(role: WalletRole, operations: readonly Operation[] | null, proven: ProvenCalls): string[] {
  const isAllowed = (permission: Permission): boolean => {
    const shown = permission === SEND ? proven.sendPayment : permission === ADD ? proven.addInvoice : null;
    return shown ?? (operations === null || permits(operations, permission));
  };
  return WANTED[role].filter((any) => !any.some(isAllowed)).map(([first]) => `uri:${first.uri}`);
}

/** Whether a macaroon lets payments be looked up, by their hash or in the list of all. */
export function canLookUpPayments(operations: readonly Operation[]): boolean {
  return permits(operations, TRACK) || permits(operations, LIST);
}
