import { decodeMacaroon } from '@satway/protocol';
import { type Operation, readLndOperations } from '../../lnd-macaroon/index.js';
import type { WalletRole } from '../../wallet.js';
import { type LndMacaroonSource, readMacaroonHex } from '../credentials.js';
import { INVOICING, isAdministering, PAYING, READING } from './lnd-methods.js';

/** What a macaroon is used for. */
export type LndMacaroonUse = 'issue' | 'pay';

const PAY_CALLS = [
  // Not called; it tells nothing that the invoice does not.
  'uri:/lnrpc.Lightning/DecodePayReq',
  'uri:/lnrpc.Lightning/ChannelBalance',
  'uri:/lnrpc.Lightning/GetInfo',
  'uri:/lnrpc.Lightning/ListChannels',
  'uri:/lnrpc.Lightning/ListPayments',
  'uri:/routerrpc.Router/TrackPaymentV2',
  'offchain:read',
  'info:read',
];

/**
 * All that each role calls; whatever else a macaroon allows is more than it should. `offchain:write` is more than paying: it changes channel policies and deletes
 * the records by which a payment is found again. Whoever reads invoices can forge proofs of payment, so only the one who sells does.
 */
const NEEDED: Readonly<Record<WalletRole, ReadonlySet<string>>> = {
  receive: new Set([
    'uri:/lnrpc.Lightning/AddInvoice',
    'uri:/lnrpc.Lightning/LookupInvoice',
    'uri:/lnrpc.Lightning/SubscribeInvoices',
    // Not called; it loosens nothing for whoever makes the invoices anyway.
    'uri:/invoicesrpc.Invoices/CancelInvoice',
    'uri:/lnrpc.Lightning/ChannelBalance',
    'invoices:read',
    'invoices:write',
  ]),
  pay: new Set(['uri:/routerrpc.Router/SendPaymentV2', 'uri:/lnrpc.Lightning/SendPaymentSync', ...PAY_CALLS]),
  read: new Set(PAY_CALLS),
};

/**
 * What a macaroon allows beyond its use, read from it offline: `entity:action`, or `uri:` with a gRPC method. Empty for one that is as small as
 * it should be.
 *
 * @returns `null` where it cannot be read as one of LND's. Its caveats are not looked at: none of them takes away a permission.
 * @throws {SatwayError} `WALLET_NOT_CONFIGURED` where there is no macaroon at all.
 */
export function excessLndPowers(source: LndMacaroonSource, use: LndMacaroonUse): readonly string[] | null {
  const operations = readOperations(source);
  return operations === null ? null : excessOf(operations, use === 'issue' ? 'receive' : 'pay');
}

/** All that a macaroon allows. `null` and errors as above. */
export function readOperations(source: LndMacaroonSource): readonly Operation[] | null {
  const decoded = decodeMacaroon(Buffer.from(readMacaroonHex(source), 'hex'));
  return decoded.ok ? readLndOperations(decoded.value.identifier) : null;
}

export function excessOf(operations: readonly Operation[], role: WalletRole): readonly string[] {
  return operations.flatMap(namesOf).filter((name) => !NEEDED[role].has(name));
}

function namesOf({ entity, actions }: Operation): string[] {
  return actions.map((action) => `${entity}:${action}`);
}

/** What the operations of a macaroon amount to, before the node has been asked. */
export interface DecodedPowers {
  readonly pay: boolean;
  readonly createInvoice: boolean;
  readonly read: boolean;
  readonly administer: boolean;
}

/** What a macaroon amounts to, read from it offline. `null` and errors as for `excessLndPowers`. */
export function readLndPowers(source: LndMacaroonSource): DecodedPowers | null {
  const operations = readOperations(source);
  return operations === null ? null : powersOf(operations);
}

export function powersOf(operations: readonly Operation[]): DecodedPowers {
  const methods = operations.flatMap(({ entity, actions }) => (entity === 'uri' ? actions : []));
  const names = operations.filter(({ entity }) => entity !== 'uri').flatMap(namesOf);
  return {
    pay: names.includes('offchain:write') || methods.some((method) => PAYING.has(method)),
    createInvoice: names.includes('invoices:write') || methods.some((method) => INVOICING.has(method)),
    read: names.some((name) => MONEY_READ.has(name)) || methods.some((method) => READING.has(method)),
    administer: names.some(isAdministeringEntity) || methods.some(isAdministering),
  };
}

const MONEY_READ: ReadonlySet<string> = new Set(['offchain:read', 'invoices:read', 'onchain:read']);

/**
 * New credentials (`macaroon:generate`), on-chain money (`onchain:write`, `signer:generate`), channels and records (`offchain:write`), peers, the node's name
 * (`message:write`), its end (`info:write`), and every entity that LND itself does not know.
 */
function isAdministeringEntity(name: string): boolean {
  return !name.endsWith(':read') && name !== 'invoices:write' && name !== 'address:write';
}
