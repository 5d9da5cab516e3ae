import { SatwayError } from '@satway/base';
import { bytesToHex, hexToBytes } from '../bytes/index.js';
import { deriveRootKey, KEY_ID_BYTES, MASTER_KEY_BYTES, masterKeyIdHex } from './derive.js';

/** A secret from which all keys of all tenants are derived. */
export interface MasterKey {
  /** 32 bytes. */
  readonly secret: Uint8Array;
  readonly createdAtMs: number;
  /** Its last mint plus the longest life of a credential or session; `null`: no end, as the key that signs must have none. */
  readonly verifyUntilMs: number | null;
}

export interface RootKeyRequest {
  /** `l402`, `mpp`, … */
  readonly kind: string;
  /** The tenant's UUID, lower case. */
  readonly tenantId: string;
  /** 32 bytes; the first 4 name the master key. */
  readonly tokenId: Uint8Array;
}

export interface SessionKeyRequest {
  readonly keyIdHex: string;
  readonly tenantId: string;
}

/** Master keys of one moment: the newest signs, all verify until their time is over. Immutable; a rotation makes another ring. */
export interface KeyRing {
  /** 8 hex digits. */
  readonly signingKeyIdHex: string;
  /** A token id under the signing key: its id, then 28 random bytes. */
  newTokenId(randomness: Uint8Array): Uint8Array;
  /** `null`: the key that the token id names is unknown or out of its time. */
  rootKey(request: RootKeyRequest, nowMs: number): Uint8Array | null;
  /** Key of the session tokens of a tenant; `null` as in `rootKey`. */
  sessionKey(request: SessionKeyRequest, nowMs: number): Uint8Array | null;
  /** Ids of all keys, newest first. */
  keyIds(): readonly string[];
}

export const TOKEN_ID_BYTES = 32;
const SESSION_SALT = new Uint8Array(TOKEN_ID_BYTES);

/**
 * Makes a ring. The secrets are copied.
 *
 * @throws {SatwayError} `KEY_RING_INVALID`: no key, one of another length than 32 bytes, two with one id, times that are no safe integers, two
 * newest keys, of which none could be the one that signs, or a newest one with an end, after which nothing that it signs would be good. Funds moved: no.
 */
export function createKeyRing(keys: readonly MasterKey[]): KeyRing {
  return new SortedKeyRing(keys);
}

class SortedKeyRing implements KeyRing {
  readonly signingKeyIdHex: string;
  readonly #keys: ReadonlyMap<string, MasterKey>;

  constructor(keys: readonly MasterKey[]) {
    const sorted = keys.map(checkedCopy).sort((a, b) => b.createdAtMs - a.createdAtMs);
    const [newest, second] = sorted;
    if (newest === undefined) throw invalid('There is no key.');
    if (second?.createdAtMs === newest.createdAtMs) throw invalid('Two keys are the newest.');
    // Else credentials would be sold that outlive it, and when it is over none could be sold at all.
    if (newest.verifyUntilMs !== null) throw invalid('The newest key, which signs, has an end.');
    this.signingKeyIdHex = masterKeyIdHex(newest.secret);
    this.#keys = new Map(sorted.map((key) => [masterKeyIdHex(key.secret), key]));
    if (this.#keys.size !== sorted.length) throw invalid('Two keys have the same id.');
  }

  newTokenId(randomness: Uint8Array): Uint8Array {
    if (randomness.length !== TOKEN_ID_BYTES - KEY_ID_BYTES) throw invalid('The randomness is not 28 bytes long.');
    const keyId = hexToBytes(this.signingKeyIdHex);
    const tokenId = new Uint8Array(TOKEN_ID_BYTES);
    if (keyId.ok) tokenId.set(keyId.value);
    tokenId.set(randomness, KEY_ID_BYTES);
    return tokenId;
  }

  rootKey({ kind, tenantId, tokenId }: RootKeyRequest, nowMs: number): Uint8Array | null {
    if (tokenId.length !== TOKEN_ID_BYTES) return null;
    const master = this.#master(bytesToHex(tokenId.subarray(0, KEY_ID_BYTES)), nowMs);
    return master === null ? null : deriveRootKey({ master, kind, tenantId, salt: tokenId });
  }

  sessionKey({ keyIdHex, tenantId }: SessionKeyRequest, nowMs: number): Uint8Array | null {
    const master = this.#master(keyIdHex, nowMs);
    return master === null ? null : deriveRootKey({ master, kind: 'session', tenantId, salt: SESSION_SALT });
  }

  keyIds(): readonly string[] {
    return [...this.#keys.keys()];
  }

  #master(keyIdHex: string, nowMs: number): Uint8Array | null {
    const key = this.#keys.get(keyIdHex);
    if (key === undefined || (key.verifyUntilMs !== null && nowMs > key.verifyUntilMs)) return null;
    return key.secret;
  }
}

function checkedCopy({ secret, createdAtMs, verifyUntilMs }: MasterKey): MasterKey {
  if (secret.length !== MASTER_KEY_BYTES) throw invalid('A key is not 32 bytes long.');
  if (!Number.isSafeInteger(createdAtMs) || !(verifyUntilMs === null || Number.isSafeInteger(verifyUntilMs))) {
    throw invalid('A time is no whole number of milliseconds.');
  }
  return { secret: Uint8Array.from(secret), createdAtMs, verifyUntilMs };
}

function invalid(detail: string): SatwayError {
  return new SatwayError('KEY_RING_INVALID', { detail });
}
