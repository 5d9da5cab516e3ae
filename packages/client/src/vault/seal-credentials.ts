import type { Database } from '../store/database.js';
import { text, textOrNull } from '../store/row.js';
import type { SecretPlace, Vault } from './vault.js';

/** The two secrets of a credential. */
export type CredentialSecret = 'macaroon_sealed' | 'preimage_sealed';

/** What a credential's secrets are bound to: to send them to another host, or to pass them for another payment's, they would have to be sealed anew. */
export interface CredentialIdentity {
  readonly purchaseId: string;
  readonly origin: string;
  readonly paymentHashHex: string;
}

export function credentialPlace(
  { purchaseId, origin, paymentHashHex }: CredentialIdentity,
  column: CredentialSecret,
): SecretPlace {
  return { table: 'credentials', column, row: [purchaseId, origin, paymentHashHex] };
}

/** Seals what an older version wrote as it was. */
export function sealCredentials(database: Database, vault: Vault): void {
  const rows = database.all(
    'SELECT purchase_id, origin, payment_hash_hex, macaroon_sealed, preimage_sealed FROM credentials',
  );
  for (const row of rows) {
    const identity = {
      purchaseId: text(row, 'purchase_id'),
      origin: text(row, 'origin'),
      paymentHashHex: text(row, 'payment_hash_hex'),
    };
    const seal = (column: CredentialSecret, plain: string) => vault.seal(credentialPlace(identity, column), plain);
    const preimage = textOrNull(row, 'preimage_sealed');
    database.run(
      'UPDATE credentials SET macaroon_sealed = ?, preimage_sealed = ? WHERE purchase_id = ?',
      seal('macaroon_sealed', text(row, 'macaroon_sealed')),
      preimage === null ? null : seal('preimage_sealed', preimage),
      identity.purchaseId,
    );
  }
}
