import { createCipheriv, createDecipheriv, createHmac, type KeyObject, randomBytes } from 'node:crypto';
import { SatwayError } from '@satway/base';

/**
 * Where one secret stands. All of it is bound to the ciphertext, so that one that is moved to another row or column, or whose row is changed, does not
 * open any more: name in `row` whatever decides where the secret may go.
 */
export interface SecretPlace {
  readonly table: string;
  readonly column: string;
  /** The row's key first. */
  readonly row: readonly string[];
}

/** Seals what is secret before it is written, and opens it again. */
export interface Vault {
  /** Text of the form `v1.<base64url>`, another one each time. */
  seal(place: SecretPlace, secret: string): string;
  /** @throws {SatwayError} `VAULT_DAMAGED` for anything that was not sealed under this key for this very place; what is stored stays as it is. */
  open(place: SecretPlace, sealed: string): string;
}

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const SEALED = /^v1\.([A-Za-z0-9_-]+)$/;

/**
 * AES-256-GCM with a random IV each time, so that one key may seal 2^32 secrets.
 *
 * @param vaultId - names the store's vault for as long as it lives; no secret, and bound to everything that is sealed.
 */
export function createVault(key: KeyObject, vaultId: string): Vault {
  return {
    seal(place, secret) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(bound(vaultId, place));
      const sealed = Buffer.concat([iv, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `v1.${sealed.toString('base64url')}`;
    },
    open(place, sealed) {
      try {
        return decrypt(key, bound(vaultId, place), sealed);
      } catch {
        // Without the cause: it could only tell about bytes that nobody should see.
        throw new SatwayError('VAULT_DAMAGED', { detail: `It is the column ${place.column} of ${place.table}.` });
      }
    },
  };
}

/** Names a key without telling anything of it. */
export function keyIdHex(key: KeyObject): string {
  return createHmac('sha256', key).update('satway-vault-key-id').digest('hex').slice(0, 16);
}

/** JSON keeps the parts apart whatever they hold. */
function bound(vaultId: string, { table, column, row }: SecretPlace): Buffer {
  return Buffer.from(JSON.stringify(['satway-vault', 1, vaultId, table, column, ...row]));
}

function decrypt(key: KeyObject, aad: Buffer, sealed: string): string {
  const bytes = Buffer.from(SEALED.exec(sealed)?.[1] ?? '', 'base64url');
  const iv = bytes.subarray(0, IV_BYTES);
  const tag = bytes.subarray(-TAG_BYTES);
  const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(aad).setAuthTag(tag);
  const body = bytes.subarray(IV_BYTES, -TAG_BYTES);
  return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
}
