import { isHex64 } from '../bytes/index.js';
import { EXTENSION_PREFIX } from '../names.js';
import { ok, type Result, refuse } from '../result.js';
import { isPlainObject, own } from './own.js';

/** Where a result carries its challenge. */
export const TOOL_CHALLENGE_KEY = `${EXTENSION_PREFIX}/challenge`;

const VERSION = 1;
const MAX_TEXT = 8_192;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;
const BECH32 = /^[A-Za-z0-9]+$/;

/** What a priced tool asks for before it works. Nothing of it is believed but what the signed invoice says. */
export interface ToolChallenge {
  /** The macaroon, base64. */
  readonly token: string;
  readonly invoice: string;
  /** 64 hex digits; the invoice's own is what counts. */
  readonly paymentHashHex: string;
  /** What the seller says the invoice asks for. */
  readonly amountMsat: number;
  /** When the invoice can no longer be paid, unix milliseconds. */
  readonly expiresAtMs: number;
  /** `mcp://<server>/<tool>`. */
  readonly resource: string;
  /** See `toolArgsDigestHex`; `null` where the price does not depend on the arguments. */
  readonly argsDigestHex: string | null;
}

/** The challenge as it stands under `TOOL_CHALLENGE_KEY` in a result's `_meta`; the result has `isError: true` and no `structuredContent`. */
export function formatToolChallenge(challenge: ToolChallenge): Readonly<Record<string, string | number>> {
  const { token, invoice, paymentHashHex, amountMsat, expiresAtMs, resource, argsDigestHex } = challenge;
  return {
    version: VERSION,
    scheme: 'L402',
    token,
    invoice,
    paymentHash: paymentHashHex,
    amountMsat,
    expiresAt: new Date(expiresAtMs).toISOString(),
    resource,
    ...(argsDigestHex === null ? {} : { argsDigest: argsDigestHex }),
  };
}

/**
 * Finds the challenge in a result's `_meta`.
 *
 * @param meta - whatever stands there; anything is allowed.
 * @returns `null` where there is none, or `OFFER_UNREADABLE` for one that is not whole: a price that cannot be read is no price of 0.
 */
export function parseToolChallenge(meta: unknown): Result<ToolChallenge> | null {
  const found = own(meta, TOOL_CHALLENGE_KEY);
  if (found === undefined || found === null) return null;
  if (!isPlainObject(found)) return unreadable('It is no object.');
  const version = own(found, 'version');
  if (version !== VERSION && version !== String(VERSION)) return unreadable('Its version is not 1.');
  if (own(found, 'scheme') !== 'L402') return unreadable('Its scheme is not L402.');
  return readFields(found);
}

function readFields(found: Readonly<Record<string, unknown>>): Result<ToolChallenge> {
  const token = textIn(found, 'token', BASE64);
  const invoice = textIn(found, 'invoice', BECH32);
  const hash = own(found, 'paymentHash');
  const amountMsat = own(found, 'amountMsat');
  const expiresAtMs = timeIn(own(found, 'expiresAt'));
  const resource = textIn(found, 'resource', /^[\x21-\x7e]+$/);
  const digest = own(found, 'argsDigest') ?? null;
  if (token === null || invoice === null || resource === null)
    return unreadable('Its token, invoice or resource cannot be read.');
  if (typeof hash !== 'string' || !isHex64(hash)) return unreadable('Its payment hash is none.');
  if (!isAmount(amountMsat)) return unreadable('Its amount is no whole number of millisatoshis.');
  if (expiresAtMs === null) return unreadable('Its expiry is no time.');
  if (digest !== null && (typeof digest !== 'string' || !isHex64(digest)))
    return unreadable('Its digest of the arguments is none.');
  return ok({ token, invoice, paymentHashHex: hash, amountMsat, expiresAtMs, resource, argsDigestHex: digest });
}

function unreadable(detail: string): Result<never> {
  return refuse('OFFER_UNREADABLE', detail);
}

function textIn(place: Readonly<Record<string, unknown>>, name: string, form: RegExp): string | null {
  const value = own(place, name);
  return typeof value === 'string' && value.length <= MAX_TEXT && form.test(value) ? value : null;
}

function isAmount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

/** ISO 8601, as it is written here, or unix milliseconds. */
function timeIn(value: unknown): number | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : null;
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(value)) return null;
  const timeMs = Date.parse(value);
  return Number.isNaN(timeMs) ? null : timeMs;
}
