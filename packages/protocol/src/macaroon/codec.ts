import { SatwayError } from '@satway/base';
import { MACAROON_LOCATION } from '../names.js';
import { ok, type Result } from '../result.js';
import {
  END_OF_SECTION,
  FieldReader,
  FieldWriter,
  fieldSize,
  IDENTIFIER,
  LOCATION,
  malformed,
  SIGNATURE,
  tooLarge,
} from './fields.js';
import { type Macaroon, MAX_CAVEATS, MAX_MACAROON_BYTES, SIGNATURE_BYTES } from './macaroon.js';

const VERSION = 2;
const utf8 = new TextEncoder();
const OUR_LOCATION = utf8.encode(MACAROON_LOCATION);
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads the version 2 binary format: `02 | 01 len location | 02 len identifier | 00 | { 02 len caveat 00 }* | 00 | 06 20 signature`. An empty location is left out.
 *
 * Stricter than libmacaroons, so that `encodeMacaroon` gives back the same bytes: lengths in their shortest form, no empty location, nothing after the signature;
 * third-party caveats are refused. At most 4 KiB and 32 caveats. The result holds views of the input.
 *
 * @returns the macaroon, or `MACAROON_MALFORMED` or `MACAROON_TOO_LARGE`.
 */
export function decodeMacaroon(bytes: Uint8Array): Result<Macaroon> {
  if (bytes.length > MAX_MACAROON_BYTES) return tooLarge(`It is longer than ${MAX_MACAROON_BYTES} bytes.`);
  const reader = new FieldReader(bytes);
  if (!reader.take(VERSION)) return malformed('It is not of version 2.');
  const head = readHead(reader);
  if (!head.ok) return head;
  const caveats = readCaveats(reader);
  if (!caveats.ok) return caveats;
  const signature = reader.field(SIGNATURE);
  if (!signature.ok) return signature;
  if (signature.value.length !== SIGNATURE_BYTES) return malformed('The signature is not 32 bytes long.');
  if (!reader.isAtEnd) return malformed('Something follows the signature.');
  return ok({ ...head.value, caveats: caveats.value, signature: signature.value });
}

function readHead(reader: FieldReader): Result<{ location: string; identifier: Uint8Array }> {
  const location = readLocation(reader);
  if (!location.ok) return location;
  const identifier = reader.field(IDENTIFIER);
  if (!identifier.ok) return identifier;
  if (!reader.take(END_OF_SECTION)) return malformed('The first section does not end.');
  return ok({ location: location.value, identifier: identifier.value });
}

/** The field is optional; libmacaroons writes none for an empty location. */
function readLocation(reader: FieldReader): Result<string> {
  if (!reader.isNext(LOCATION)) return ok('');
  const field = reader.field(LOCATION);
  if (!field.ok) return field;
  if (field.value.length === 0) return malformed('The location is present and empty.');
  try {
    return ok(strictUtf8.decode(field.value));
  } catch {
    return malformed('The location is not UTF-8.');
  }
}

function readCaveats(reader: FieldReader): Result<Uint8Array[]> {
  const caveats: Uint8Array[] = [];
  while (!reader.take(END_OF_SECTION)) {
    if (caveats.length === MAX_CAVEATS) return tooLarge(`It has more than ${MAX_CAVEATS} caveats.`);
    const caveat = reader.field(IDENTIFIER);
    if (!caveat.ok) return caveat;
    // A location before the identifier or a verification id (tag 4) after it would make it a third-party caveat.
    if (!reader.take(END_OF_SECTION)) return malformed('A caveat is not a plain first-party caveat.');
    caveats.push(caveat.value);
  }
  return ok(caveats);
}

/** Bytes of the binary form. */
function sizeOf({ identifier, caveats, signature }: Macaroon, location: Uint8Array): number {
  let size = 3 + fieldSize(identifier) + fieldSize(signature);
  if (location.length > 0) size += fieldSize(location);
  for (const caveat of caveats) size += fieldSize(caveat) + 1;
  return size;
}

function locationBytes(location: string): Uint8Array {
  return location === MACAROON_LOCATION ? OUR_LOCATION : utf8.encode(location);
}

/** @throws {SatwayError} `MACAROON_TOO_LARGE`: more than 4 KiB or 32 caveats, which no verifier here would accept. */
export function refuseOversize(macaroon: Macaroon): number {
  const size = sizeOf(macaroon, locationBytes(macaroon.location));
  if (size > MAX_MACAROON_BYTES || macaroon.caveats.length > MAX_CAVEATS) throw new SatwayError('MACAROON_TOO_LARGE');
  return size;
}

/**
 * Writes the version 2 binary format.
 *
 * @throws {SatwayError} `MACAROON_TOO_LARGE`: more than 4 KiB or 32 caveats. Funds moved: no.
 */
export function encodeMacaroon(macaroon: Macaroon): Uint8Array {
  const writer = new FieldWriter(refuseOversize(macaroon));
  const location = locationBytes(macaroon.location);
  writer.byte(VERSION);
  if (location.length > 0) writer.field(LOCATION, location);
  writer.field(IDENTIFIER, macaroon.identifier);
  writer.byte(END_OF_SECTION);
  for (const caveat of macaroon.caveats) {
    writer.field(IDENTIFIER, caveat);
    writer.byte(END_OF_SECTION);
  }
  writer.byte(END_OF_SECTION);
  writer.field(SIGNATURE, macaroon.signature);
  return writer.bytes;
}
