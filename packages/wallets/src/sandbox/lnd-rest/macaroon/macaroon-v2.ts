import { createHmac, timingSafeEqual } from 'node:crypto';

/** A macaroon of version 2, cut into its parts. */
export interface RawMacaroon {
  readonly identifier: Buffer;
  readonly caveats: readonly Buffer[];
  readonly signature: Buffer;
}

const LOCATION = 1;
const IDENTIFIER = 2;
const SIGNATURE = 6;

/** Writes a macaroon without caveats. @see libmacaroons, binary format version 2. */
export function writeMacaroon(rootKey: Buffer, location: string, identifier: Buffer): Buffer {
  const signature = signatureOf(rootKey, identifier, []);
  const end = Buffer.from([0]);
  return Buffer.concat([
    Buffer.from([2]),
    packet(LOCATION, Buffer.from(location)),
    packet(IDENTIFIER, identifier),
    end,
    end,
    packet(SIGNATURE, signature),
  ]);
}

function packet(type: number, data: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type]), writeVarint(data.length), data]);
}

export function writeVarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}

/** Reads first-party macaroons; `null` for anything else. */
export function readMacaroon(bytes: Buffer): RawMacaroon | null {
  if (bytes[0] !== 2) return null;
  const packets = readPackets(bytes.subarray(1));
  const signature = packets?.at(-1);
  if (packets === null || signature?.type !== SIGNATURE || signature.data.length !== 32) return null;
  const [identifier, ...caveats] = packets.filter(({ type }) => type === IDENTIFIER).map(({ data }) => data);
  return identifier === undefined ? null : { identifier, caveats, signature: signature.data };
}

/** A section ends with a zero byte, which here is a packet without data. */
function readPackets(bytes: Buffer): { type: number; data: Buffer }[] | null {
  const packets: { type: number; data: Buffer }[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const type = bytes[offset] ?? 0;
    offset += 1;
    if (type === 0) continue;
    const length = readVarint(bytes, offset);
    if (length === null || length.end + length.value > bytes.length) return null;
    packets.push({ type, data: bytes.subarray(length.end, length.end + length.value) });
    offset = length.end + length.value;
  }
  return packets;
}

export function readVarint(bytes: Buffer, start: number): { value: number; end: number } | null {
  let value = 0;
  for (let index = 0; index < 4; index += 1) {
    const byte = bytes[start + index];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * 0x80 ** index;
    if (byte < 0x80) return { value, end: start + index + 1 };
  }
  return null;
}

export function isSignedWith(rootKey: Buffer, macaroon: RawMacaroon): boolean {
  return timingSafeEqual(signatureOf(rootKey, macaroon.identifier, macaroon.caveats), macaroon.signature);
}

function signatureOf(rootKey: Buffer, identifier: Buffer, caveats: readonly Buffer[]): Buffer {
  const key = hmac(Buffer.from('macaroons-key-generator'), rootKey);
  return caveats.reduce((chain, caveat) => hmac(chain, caveat), hmac(key, identifier));
}

function hmac(key: Buffer, data: Buffer): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
