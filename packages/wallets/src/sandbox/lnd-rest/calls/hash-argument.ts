import { type LndRefusal, refusal } from '../answer.js';
import type { Fields } from '../request-fields.js';

/** A payment hash in hex, or LND's words for what is none. */
export function hashArgument(text: string): { readonly ok: true; readonly hashHex: string } | LndRefusal {
  const invalid = /[^0-9a-fA-F]/.exec(text)?.[0];
  if (invalid !== undefined) return refusal(2, `encoding/hex: invalid byte: ${unicodeOf(invalid)}`);
  if (text.length % 2 !== 0) return refusal(2, 'encoding/hex: odd length hex string');
  if (text.length === 64) return { ok: true, hashHex: text.toLowerCase() };
  return refusal(2, `payment hash must be exactly 32 bytes, is instead ${text.length / 2}`);
}

function unicodeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')} '${character}'`;
}

/** Bytes in a path: base64 of either alphabet, with its padding. */
export function base64Argument(text: string): { readonly ok: true; readonly bytes: Buffer } | LndRefusal {
  const invalid = /[^A-Za-z0-9+/_-]/.exec(text.replace(/={0,2}$/, ''));
  const fault = invalid?.index ?? (text.length % 4 === 0 ? null : Math.floor(text.length / 4) * 4);
  if (fault === null) return { ok: true, bytes: Buffer.from(text, 'base64') };
  return refusal(3, `type mismatch, parameter: payment_hash, error: illegal base64 data at input byte ${fault}`);
}

/** Bytes in JSON; empty where they are left out, `null` where they are no base64. */
export function readBytesField(fields: Fields, name: string): Buffer | null {
  const value = fields[name];
  if (value === undefined || value === null) return Buffer.alloc(0);
  if (typeof value !== 'string' || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(value)) return null;
  return Buffer.from(value, 'base64');
}
