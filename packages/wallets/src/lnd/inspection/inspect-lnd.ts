import type { Operation } from '../../lnd-macaroon/index.js';
import type { BitcoinNetwork, CredentialPowers, WalletInspection, WalletRole } from '../../wallet.js';
import { isMissingPermission } from '../lnd-error.js';
import { type LndConnectionOptions, LndRest } from '../lnd-rest.js';
import { networkOf } from '../node-identity.js';
import { excessOf, powersOf, readOperations } from './macaroon-powers.js';
import { missingFor } from './missing-permissions.js';
import { proveCalls, type ProvenCalls } from './probe.js';
import { howToNarrow } from './recipes.js';

/**
 * What an LND macaroon allows: read from it offline, and proven by malformed calls that move nothing, create nothing and need no further permission. What the
 * node shows counts more than what the macaroon says.
 *
 * @throws {SatwayError} the codes of `InvoiceIssuer`; `WALLET_PERMISSION_DENIED` where the node does not take the macaroon at all; `WALLET_NOT_CONFIGURED`.
 */
export async function inspectLnd(options: LndConnectionOptions): Promise<WalletInspection> {
  const operations = readOperations(options);
  const rest = new LndRest(options);
  try {
    const proven = await proveCalls(rest);
    const network = await askNetwork(rest);
    return {
      kind: 'lnd',
      network,
      can: powers(operations, proven),
      excess: forEachRole((role) => (operations === null ? null : excessOf(operations, role))),
      missing: forEachRole((role) => missingFor(role, operations, proven)),
      howToNarrow: forEachRole(howToNarrow),
    };
  } finally {
    await rest.close();
  }
}

/** `null` where the macaroon may not ask. */
async function askNetwork(rest: LndRest): Promise<BitcoinNetwork | null> {
  try {
    return networkOf(await rest.call('GET', '/v1/getinfo'));
  } catch (error) {
    if (isMissingPermission(error)) return null;
    throw error;
  }
}

/** There are more ways to pay than those that can be tried without harm: of the others the macaroon itself tells. */
function powers(operations: readonly Operation[] | null, proven: ProvenCalls): CredentialPowers {
  const decoded = operations === null ? null : powersOf(operations);
  return {
    pay: either(either(proven.sendPayment, proven.sendPaymentSync), decoded?.pay ?? null),
    createInvoice: either(proven.addInvoice, decoded?.createInvoice ?? null),
    read: decoded?.read ?? null,
    administer: decoded?.administer ?? null,
  };
}

/** True where one of the two is, false where both are known to be false. */
function either(one: boolean | null, other: boolean | null): boolean | null {
  if (one === true || other === true) return true;
  return one === null || other === null ? null : false;
}

function forEachRole<T>(make: (role: WalletRole) => T): Record<WalletRole, T> {
  return { receive: make('receive'), pay: make('pay'), read: make('read') };
}
