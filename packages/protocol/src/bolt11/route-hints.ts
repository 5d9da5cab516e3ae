import { bytesToHex, hexToBytes } from '@noble/curves/utils.js';
import type { RouteHop } from './invoice.js';

/** 33 bytes of key, 8 of channel id, 4 and 4 of fees, 2 of expiry delta. */
const HOP_BYTES = 51;

/** The hops of an `r` field, or `null` where its length is no whole number of hops. */
export function readRouteHint(bytes: Uint8Array): RouteHop[] | null {
  if (bytes.length === 0 || bytes.length % HOP_BYTES !== 0) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / HOP_BYTES }, (_, hop) => readHop(bytes, view, hop * HOP_BYTES));
}

function readHop(bytes: Uint8Array, view: DataView, at: number): RouteHop {
  return {
    pubkeyHex: bytesToHex(bytes.subarray(at, at + 33)),
    shortChannelIdHex: bytesToHex(bytes.subarray(at + 33, at + 41)),
    feeBaseMsat: view.getUint32(at + 41),
    feeProportionalMillionths: view.getUint32(at + 45),
    cltvExpiryDelta: view.getUint16(at + 49),
  };
}

export function writeRouteHint(hops: readonly RouteHop[]): Uint8Array {
  const bytes = new Uint8Array(hops.length * HOP_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [index, hop] of hops.entries()) {
    const at = index * HOP_BYTES;
    bytes.set(hexToBytes(hop.pubkeyHex), at);
    bytes.set(hexToBytes(hop.shortChannelIdHex), at + 33);
    view.setUint32(at + 41, hop.feeBaseMsat);
    view.setUint32(at + 45, hop.feeProportionalMillionths);
    view.setUint16(at + 49, hop.cltvExpiryDelta);
  }
  return bytes;
}
