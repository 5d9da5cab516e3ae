import { SatwayError } from '@satway/base';
import type { KeptCredential, PurchaseStore } from '@satway/client';

/**
 * Finds a credential by its id or its payment hash, or by 8 or more digits that either begins with.
 *
 * @throws {SatwayError} `CREDENTIAL_FILE_INVALID` where none is called so, or more than one.
 */
export function findCredential(store: PurchaseStore, name: string): KeptCredential {
  const isNamed = ({ credentialId, paymentHashHex }: KeptCredential): boolean =>
    [credentialId, paymentHashHex].some((id) => id === name || (name.length >= 8 && id.startsWith(name.toLowerCase())));
  const [found, another] = store.credentials.list().filter(isNamed);
  if (found !== undefined && another === undefined) return found;
  const detail = found === undefined ? 'There is none of that name.' : 'More than one begins so.';
  throw new SatwayError('CREDENTIAL_NOT_FOUND', { detail });
}
