import {
  bytesToHex,
  decodeIdentifier,
  decodeMacaroon,
  hexToBytes,
  ok,
  preimageMatches,
  type Refusal,
  type Result,
  refuse,
} from '@satway/protocol';

/** What a client of Aperture keeps of one paid credential; lnget keeps the same for each host. */
export interface TokenFile {
  /** As the server baked it, without caveats of the client's. */
  readonly macaroon: Uint8Array;
  readonly paymentHashHex: string;
  readonly preimageHex: string;
  /** Without the fee. */
  readonly amountMsat: number;
  readonly feeMsat: number;
  readonly createdAtMs: number;
}

const LENGTH_BYTES = 4;
/** Payment hash, preimage, amount, fee, time. */
const REST_BYTES = 32 + 32 + 8 + 8 + 8;
/** Newer ones add how a proof of work was found: a nonce and its difficulty. */
const WORK_BYTES = 8 + 4;
const NANOSECONDS_IN_A_MILLISECOND = 1_000_000n;

/**
 * Reads `l402.token` (formerly `lsat.token`), big-endian throughout: `uint32` length of the macaroon, macaroon, payment hash, preimage, `uint64` millisatoshis
 * paid, `uint64` millisatoshis of fee, `int64` nanoseconds since 1970; newer ones end with a proof of work, which is zero for what was paid.
 *
 * Stricter than its own reader: nothing may follow, the macaroon must be an L402 one for this very payment, and the preimage must be the one of the payment.
 *
 * @returns the token, or `CREDENTIAL_FILE_INVALID`, which repeats nothing of the file.
 */
export function readTokenFile(bytes: Uint8Array): Result<TokenFile> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const macaroonLength = bytes.length < LENGTH_BYTES ? Number.NaN : view.getUint32(0);
  const restAt = LENGTH_BYTES + macaroonLength;
  const extra = bytes.length - restAt - REST_BYTES;
  if (extra !== 0 && extra !== WORK_BYTES) return invalid('Its length is not that of a token.');
  if (bytes.subarray(bytes.length - extra).some((byte) => byte !== 0)) {
    return invalid('It was got by a proof of work: nothing was paid.');
  }
  const token = {
    macaroon: bytes.subarray(LENGTH_BYTES, restAt),
    paymentHashHex: bytesToHex(bytes.subarray(restAt, restAt + 32)),
    preimageHex: bytesToHex(bytes.subarray(restAt + 32, restAt + 64)),
    amountMsat: Number(view.getBigUint64(restAt + 64)),
    feeMsat: Number(view.getBigUint64(restAt + 72)),
    createdAtMs: Number(view.getBigInt64(restAt + 80) / NANOSECONDS_IN_A_MILLISECOND),
  };
  return refusalOf(token) ?? ok(token);
}

function refusalOf(token: TokenFile): Refusal | null {
  const isCounted = [token.amountMsat, token.feeMsat, token.createdAtMs].every(
    (value) => Number.isSafeInteger(value) && value >= 0,
  );
  if (!isCounted) return invalid('Its amounts or its time are out of range.');
  if (/^0+$/.test(token.preimageHex)) return invalid('Its payment is still pending: it has no preimage.');
  const hash = paymentHashIn(token.macaroon);
  if (hash === null) return invalid('Its macaroon is no L402 macaroon of version 2.');
  if (hash !== token.paymentHashHex) return invalid('Its macaroon belongs to another payment.');
  if (!preimageMatches(token.preimageHex, hash)) return invalid('Its preimage is not the one of the payment.');
  return null;
}

/** The payment that a macaroon commits to; `null` where it is none of ours to read. */
function paymentHashIn(macaroon: Uint8Array): string | null {
  const decoded = decodeMacaroon(macaroon);
  const identifier = decoded.ok ? decodeIdentifier(decoded.value.identifier) : null;
  return identifier?.ok === true ? identifier.value.paymentHashHex : null;
}

/**
 * Writes the form without a proof of work, which every version reads.
 *
 * @returns the bytes, or `CREDENTIAL_FILE_INVALID` for what `readTokenFile` would refuse.
 */
export function writeTokenFile(token: TokenFile): Result<Uint8Array> {
  const refusal = refusalOf(token);
  if (refusal !== null) return refusal;
  const bytes = new Uint8Array(LENGTH_BYTES + token.macaroon.length + REST_BYTES);
  const view = new DataView(bytes.buffer);
  const restAt = LENGTH_BYTES + token.macaroon.length;
  view.setUint32(0, token.macaroon.length);
  bytes.set(token.macaroon, LENGTH_BYTES);
  bytes.set(bytesOf(token.paymentHashHex), restAt);
  bytes.set(bytesOf(token.preimageHex), restAt + 32);
  view.setBigUint64(restAt + 64, BigInt(token.amountMsat));
  view.setBigUint64(restAt + 72, BigInt(token.feeMsat));
  view.setBigInt64(restAt + 80, BigInt(token.createdAtMs) * NANOSECONDS_IN_A_MILLISECOND);
  return ok(bytes);
}

function bytesOf(hex: string): Uint8Array {
  const bytes = hexToBytes(hex);
  return bytes.ok ? bytes.value : new Uint8Array(32);
}

function invalid(detail: string): Refusal {
  return refuse('CREDENTIAL_FILE_INVALID', detail);
}
