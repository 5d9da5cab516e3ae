import { randomBytes } from 'node:crypto';

/** Crockford's letters: none that is read as another (no I, L, O, U). */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 8;

/** 40 random bits in eight letters: short enough to type, and at most 20 of them are open at a time. */
export function newApprovalId(random: (byteCount: number) => Uint8Array = randomBytes): string {
  return Array.from(random(LENGTH), (byte) => LETTERS[byte % LETTERS.length]).join('');
}

/** What a person typed, in the form in which it is kept: any case, with or without a hyphen; O, I and L are read as the digits they look like. */
export function normalizeApprovalId(typed: string): string {
  return typed.trim().toUpperCase().replaceAll('-', '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
}

/** Whether a text can be one at all. */
export function isApprovalId(text: string): boolean {
  const id = normalizeApprovalId(text);
  return id.length === LENGTH && [...id].every((letter) => LETTERS.includes(letter));
}
