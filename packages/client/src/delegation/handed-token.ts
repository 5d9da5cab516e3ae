import { createHash } from 'node:crypto';
import {
  decodeIdentifier,
  decodeMacaroonText,
  formatAuthorization,
  isHex64,
  type Macaroon,
  ok,
  preimageMatches,
  type Refusal,
  type Result,
  refuse,
} from '@satway/protocol';

/**
 * A credential on its way to somebody who has no wallet, in one string that can be copied: what the seller wants to see, where alone it may be sent, and
 * what may be narrowed. Whoever holds the string can use what was paid for: it is a secret like the credential itself.
 */
export interface HandedCredential {
  /** Where it was bought, and the only origin that it is ever sent to. */
  readonly origin: string;
  readonly macaroonText: string;
  readonly preimageHex: string;
  /** The caveats that the seller announced to enforce; `null` where it announced nothing. */
  readonly announcedCaveats: readonly string[] | null;
}

/** Begins every handed-over credential, so that people and redaction know one. */
export const HANDED_TOKEN_PREFIX = 'satway_credential_v1_';

/** Room for the largest token that a challenge can hold. */
const MAX_TOKEN_LENGTH = 131_072;
const MAX_ANNOUNCED = 64;
const CHECKSUM_HEX_DIGITS = 16;
const TOKEN = new RegExp(`^${HANDED_TOKEN_PREFIX}([A-Za-z0-9_-]+)\\.([0-9a-f]{${CHECKSUM_HEX_DIGITS}})$`);
const CAVEAT_NAME = /^[a-z][a-z0-9_]{0,63}$/;

/** `satway_credential_v1_<base64url(JSON {origin, macaroon, preimage, caveats})>.<first 8 bytes of SHA-256 of that part, hex>`. */
export function writeHandedToken(credential: HandedCredential): string {
  const part = encodePart(credential);
  return `${HANDED_TOKEN_PREFIX}${part}.${checksumOf(part)}`;
}

/**
 * Reads what `writeHandedToken` wrote, blanks around it aside: one spelling only, whole and unchanged. A preimage that does not belong to its macaroon's
 * payment is refused, as far as the macaroon can be read.
 *
 * @returns `CREDENTIAL_TOKEN_INVALID`, which never repeats what was given.
 */
export function readHandedToken(text: unknown): Result<HandedCredential> {
  if (typeof text !== 'string' || text.length > MAX_TOKEN_LENGTH) return invalid('It is no text of that form.');
  const [, part, checksum] = TOKEN.exec(text.trim()) ?? [];
  if (part === undefined) return invalid('It is no text of that form.');
  if (checksumOf(part) !== checksum) return invalid('A part of it was lost or changed on its way.');
  const credential = decodePart(part);
  if (credential === null) return invalid('It does not hold what it should.');
  const hash = paymentHashOf(credential);
  if (hash !== null && !preimageMatches(credential.preimageHex, hash)) return invalid('Its proof of payment is wrong.');
  return ok(credential);
}

/** The macaroon, where it is one; others' tokens may be anything. */
export function macaroonOf({ macaroonText }: Pick<HandedCredential, 'macaroonText'>): Macaroon | null {
  const decoded = decodeMacaroonText(macaroonText);
  return decoded.ok ? decoded.value.macaroon : null;
}

/** The payment hash that the macaroon commits to; `null` where that cannot be read. */
export function paymentHashOf(credential: Pick<HandedCredential, 'macaroonText'>): string | null {
  const macaroon = macaroonOf(credential);
  const identifier = macaroon === null ? null : decodeIdentifier(macaroon.identifier);
  return identifier?.ok === true ? identifier.value.paymentHashHex : null;
}

function encodePart({ origin, macaroonText, preimageHex, announcedCaveats }: HandedCredential): string {
  const content = { origin, macaroon: macaroonText, preimage: preimageHex, caveats: announcedCaveats };
  return Buffer.from(JSON.stringify(content)).toString('base64url');
}

function decodePart(part: string): HandedCredential | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    const credential = credentialIn(value);
    // No other order of the same fields, no field beside them, no other base64 of the same bytes.
    return credential !== null && encodePart(credential) === part ? credential : null;
  } catch {
    return null;
  }
}

function credentialIn(value: unknown): HandedCredential | null {
  if (typeof value !== 'object' || value === null) return null;
  const { origin, macaroon, preimage, caveats } = value as Partial<Record<string, unknown>>;
  if (!isOrigin(origin) || typeof macaroon !== 'string' || typeof preimage !== 'string') return null;
  if (!isHex64(preimage) || !isSendable(macaroon, preimage) || !isAnnouncement(caveats)) return null;
  return { origin, macaroonText: macaroon, preimageHex: preimage, announcedCaveats: caveats };
}

/** In the one spelling in which a URL gives it back. */
function isOrigin(value: unknown): value is string {
  if (typeof value !== 'string' || !/^https?:\/\//.test(value) || !URL.canParse(value)) return false;
  return new URL(value).origin === value;
}

/** Whether the two can stand in an `Authorization` header. */
function isSendable(macaroonText: string, preimageHex: string): boolean {
  try {
    return formatAuthorization(macaroonText, preimageHex) !== '';
  } catch {
    return false;
  }
}

function isAnnouncement(value: unknown): value is string[] | null {
  if (value === null) return true;
  return Array.isArray(value) && value.length <= MAX_ANNOUNCED && value.every(isCaveatName);
}

/** Whether a text can be the name of a caveat. */
export function isCaveatName(value: unknown): value is string {
  return typeof value === 'string' && CAVEAT_NAME.test(value);
}

function checksumOf(part: string): string {
  return createHash('sha256').update(part).digest('hex').slice(0, CHECKSUM_HEX_DIGITS);
}

function invalid(detail: string): Refusal {
  return refuse('CREDENTIAL_TOKEN_INVALID', detail);
}
