import type { Operation } from './operations.js';

const VERSION = 3;
const LENGTH_DELIMITED = 2;

/** LND's identifier: the byte 3, then protobuf {1: nonce, 2: root key id, 3: repeated {1: entity, 2: repeated action}}. */
export function writeLndIdentifier(nonce: Uint8Array, rootKeyId: string, operations: readonly Operation[]): Uint8Array {
  const fields = operations.map(({ entity, actions }) =>
    field(3, Buffer.concat([field(1, Buffer.from(entity)), ...actions.map((action) => field(2, Buffer.from(action)))])),
  );
  return Buffer.concat([Buffer.from([VERSION]), field(1, nonce), field(2, Buffer.from(rootKeyId)), ...fields]);
}

function field(number: number, data: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([number * 8 + LENGTH_DELIMITED]), writeVarint(data.length), data]);
}

function writeVarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}

/** The operations in an identifier; `null` where it is none of LND's. */
export function readLndOperations(identifier: Uint8Array): readonly Operation[] | null {
  const bytes = Buffer.from(identifier);
  const fields = bytes[0] === VERSION ? readMessage(bytes.subarray(1)) : null;
  if (fields === null) return null;
  const operations = fields.filter(({ number }) => number === 3).map(({ data }) => readOperation(data));
  return operations.includes(null) ? null : operations.filter((operation) => operation !== null);
}

function readOperation(bytes: Buffer): Operation | null {
  const fields = readMessage(bytes);
  if (fields === null) return null;
  const texts = (wanted: number) => fields.filter(({ number }) => number === wanted).map(({ data }) => data.toString());
  return { entity: texts(1)[0] ?? '', actions: texts(2) };
}

function readMessage(bytes: Buffer): { number: number; data: Buffer }[] | null {
  const fields: { number: number; data: Buffer }[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const tag = bytes[offset] ?? 0;
    const length = readVarint(bytes, offset + 1);
    if (tag % 8 !== LENGTH_DELIMITED || length === null || length.end + length.value > bytes.length) return null;
    fields.push({ number: (tag - LENGTH_DELIMITED) / 8, data: bytes.subarray(length.end, length.end + length.value) });
    offset = length.end + length.value;
  }
  return fields;
}

function readVarint(bytes: Buffer, start: number): { value: number; end: number } | null {
  let value = 0;
  for (let index = 0; index < 4; index += 1) {
    const byte = bytes[start + index];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * 0x80 ** index;
    if (byte < 0x80) return { value, end: start + index + 1 };
  }
  return null;
}
