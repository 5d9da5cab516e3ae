import type { WalletInspection } from '../wallet.js';
import type { LndConnectionOptions } from './lnd-rest.js';
import { excessLndPowers, readLndPowers } from './macaroon-powers.js';

/**
 * What an LND macaroon allows, read from it offline.
 *
 * @throws {SatwayError} `WALLET_NOT_CONFIGURED`.
 */
export async function inspectLnd(options: LndConnectionOptions): Promise<WalletInspection> {
  const powers = readLndPowers(options) ?? [];
  const has = (...names: string[]): boolean => names.some((name) => powers.includes(name));
  return {
    kind: 'lnd',
    network: null,
    can: {
      pay: has('offchain:write', 'uri:/routerrpc.Router/SendPaymentV2'),
      createInvoice: has('invoices:write', 'uri:/lnrpc.Lightning/AddInvoice'),
      read: has('offchain:read', 'info:read', 'uri:/lnrpc.Lightning/GetInfo'),
      administer: has('macaroon:generate', 'onchain:write', 'peers:write'),
    },
    excess: { pay: excessLndPowers(options, 'pay') ?? [], receive: excessLndPowers(options, 'issue') ?? [], read: [] },
    howToNarrow: { pay: '', receive: '', read: '' },
  };
}
