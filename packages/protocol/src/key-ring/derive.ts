import { SatwayError } from '@satway/base';
import { bytesToHex, hmacSha256, sha256 } from '../bytes/index.js';

export const MASTER_KEY_BYTES = 32;
export const KEY_ID_BYTES = 4;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const LABEL = Buffer.from('satway/v1');
const KEY_ID_LABEL = Buffer.from('satway-key-id');
const FIRST_BLOCK = Buffer.from([1]);

/** The first 4 bytes of SHA-256("satway-key-id" ‖ master), as 8 hex digits. */
export function masterKeyIdHex(secret: Uint8Array): string {
  return bytesToHex(sha256(Buffer.concat([KEY_ID_LABEL, secret]))).slice(0, KEY_ID_BYTES * 2);
}

export interface RootKeyDerivation {
  /** 32 bytes. */
  readonly master: Uint8Array;
  /** `l402`, `session`, `mpp`, … */
  readonly kind: string;
  /** The tenant's immutable UUID, lower case. */
  readonly tenantId: string;
  /** 32 bytes: the token id; zeros for a session key. */
  readonly salt: Uint8Array;
}

/**
 * HKDF-SHA256 (RFC 5869) of one block: `info = "satway/v1" ‖ len16(kind) ‖ kind ‖ len16(tenant) ‖ tenant`.
 *
 * @throws {SatwayError} `KEY_RING_INVALID`: the tenant id is no lower-case UUID, or the kind no short name. Funds moved: no.
 */
export function deriveRootKey({ master, kind, tenantId, salt }: RootKeyDerivation): Uint8Array {
  // L = 32 is one block: PRK = HMAC(salt, master), T(1) = HMAC(PRK, info ‖ 1). The library's way sets up a job for each key and takes six times as long.
  return hmacSha256(hmacSha256(salt, master), derivationInfo(kind, tenantId));
}

let lastInfo: { readonly kind: string; readonly tenantId: string; readonly bytes: Uint8Array } | null = null;

/** The info and the counter of the first block. The last one is kept: a gate asks for one kind and tenant all the time. */
function derivationInfo(kind: string, tenantId: string): Uint8Array {
  if (lastInfo === null || lastInfo.kind !== kind || lastInfo.tenantId !== tenantId) {
    const parts = [LABEL, ...withLength(kindBytes(kind)), ...withLength(tenantBytes(tenantId)), FIRST_BLOCK];
    lastInfo = { kind, tenantId, bytes: Buffer.concat(parts) };
  }
  return lastInfo.bytes;
}

function withLength(bytes: Buffer): [length: Buffer, bytes: Buffer] {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return [length, bytes];
}

function kindBytes(kind: string): Buffer {
  if (!/^[a-z0-9_]{1,64}$/.test(kind)) throw new SatwayError('KEY_RING_INVALID', { detail: 'The kind is no name.' });
  return Buffer.from(kind);
}

function tenantBytes(tenantId: string): Buffer {
  if (!isTenantId(tenantId)) {
    throw new SatwayError('KEY_RING_INVALID', { detail: 'The tenant id is no lower-case UUID.' });
  }
  return Buffer.from(tenantId.replaceAll('-', ''), 'hex');
}

/** Whether a text is a UUID in lower case. */
export function isTenantId(text: string): boolean {
  return UUID.test(text);
}
