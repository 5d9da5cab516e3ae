import { decodeMacaroon } from '@satway/protocol';
import { type Operation, readLndOperations } from '../lnd-macaroon/index.js';
import { type LndMacaroonSource, readMacaroonHex } from './credentials.js';

/** What a macaroon is used for. */
export type LndMacaroonUse = 'issue' | 'pay';

/** All that each use calls; whatever else a macaroon allows is more than it should. */
const NEEDED: Readonly<Record<LndMacaroonUse, ReadonlySet<string>>> = {
  issue: new Set([
    'uri:/lnrpc.Lightning/AddInvoice',
    'uri:/lnrpc.Lightning/LookupInvoice',
    'uri:/lnrpc.Lightning/SubscribeInvoices',
    'uri:/invoicesrpc.Invoices/CancelInvoice',
    'invoices:read',
    'invoices:write',
  ]),
  pay: new Set([
    'uri:/routerrpc.Router/SendPaymentV2',
    'uri:/routerrpc.Router/TrackPaymentV2',
    'uri:/lnrpc.Lightning/DecodePayReq',
    'uri:/lnrpc.Lightning/ChannelBalance',
    'uri:/lnrpc.Lightning/GetInfo',
    'uri:/lnrpc.Lightning/ListChannels',
    'offchain:read',
    'offchain:write',
    'info:read',
  ]),
};

/**
 * What a macaroon allows beyond its use, read from it offline: `entity:action`, or `uri:` with a gRPC method. Empty for one that is as small as
 * it should be.
 *
 * @returns `null` where it cannot be read as one of LND's. Its caveats are not looked at: none of them takes away a permission.
 * @throws {SatwayError} `WALLET_NOT_CONFIGURED` where there is no macaroon at all.
 */
export function excessLndPowers(source: LndMacaroonSource, use: LndMacaroonUse): readonly string[] | null {
  return readLndPowers(source)?.filter((name) => !NEEDED[use].has(name)) ?? null;
}

/** All that a macaroon allows: `entity:action`, or `uri:` with a gRPC method. `null` and errors as above. */
export function readLndPowers(source: LndMacaroonSource): readonly string[] | null {
  const decoded = decodeMacaroon(Buffer.from(readMacaroonHex(source), 'hex'));
  const operations = decoded.ok ? readLndOperations(decoded.value.identifier) : null;
  return operations === null ? null : operations.flatMap(namesOf);
}

function namesOf({ entity, actions }: Operation): string[] {
  return actions.map((action) => `${entity}:${action}`);
}
