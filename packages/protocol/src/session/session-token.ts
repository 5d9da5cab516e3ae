import { createHmac } from 'node:crypto';
import { equalBytes } from '../bytes/index.js';
import type { KeyRing } from '../key-ring/index.js';
import { ok, type Result, refuse } from '../result.js';

/** What a session token says. `exp`: milliseconds since 1970. */
export interface SessionClaims {
  /** Id of the master key, 8 hex digits. */
  readonly kid: string;
  readonly sid: string;
  /** Tenant UUID. */
  readonly tenant: string;
  readonly endpoint: string;
  readonly exp: number;
}

const MAX_TOKEN = 2_048;
const TOKEN = /^([A-Za-z0-9_-]+)\.([0-9a-f]{64})$/;

/** `base64url(JSON {kid, sid, tenant, endpoint, exp}).hex(HMAC-SHA256(key, "session:" + part1))`. */
export function encodeSessionToken(claims: SessionClaims, key: Uint8Array): string {
  const payload = encodeClaims(claims);
  return `${payload}.${macOf(payload, key).toString('hex')}`;
}

/** Reads what a token claims, unproven. */
export function decodeSessionToken(text: string): Result<SessionClaims> {
  const payload = text.length > MAX_TOKEN ? undefined : TOKEN.exec(text)?.[1];
  const claims = payload === undefined ? null : readClaims(payload);
  return claims === null ? refuse('SESSION_REFUSED', 'It is not a session token.') : ok(claims);
}

/** Proves a token: signed under the tenant's session key of the named master key, and not expired. */
export function verifySessionToken(text: string, keyRing: KeyRing, nowMs: number): Result<SessionClaims> {
  const claims = decodeSessionToken(text);
  if (!claims.ok) return claims;
  const { kid, tenant, exp } = claims.value;
  const key = keyRing.sessionKey({ keyIdHex: kid, tenantId: tenant }, nowMs);
  const [payload = '', mac = ''] = text.split('.');
  if (key === null || !equalBytes(macOf(payload, key), Buffer.from(mac, 'hex')))
    return refuse('SESSION_REFUSED', 'Its signature does not hold.');
  return nowMs < exp ? claims : refuse('SESSION_REFUSED', 'It has expired.');
}

function encodeClaims({ kid, sid, tenant, endpoint, exp }: SessionClaims): string {
  return Buffer.from(JSON.stringify({ kid, sid, tenant, endpoint, exp })).toString('base64url');
}

function macOf(payload: string, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(`session:${payload}`).digest();
}

/** Only the one spelling that `encodeSessionToken` writes: no second key, no other order, no other base64 of the same bytes. */
function readClaims(payload: string): SessionClaims | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return isClaims(value) && encodeClaims(value) === payload ? value : null;
  } catch {
    return null;
  }
}

function isClaims(value: unknown): value is SessionClaims {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 5) return false;
  const { kid, sid, tenant, endpoint, exp } = value as Partial<Record<keyof SessionClaims, unknown>>;
  return (
    typeof kid === 'string' &&
    /^[0-9a-f]{8}$/.test(kid) &&
    typeof tenant === 'string' &&
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(tenant) &&
    [sid, endpoint].every((text) => typeof text === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(text)) &&
    Number.isSafeInteger(exp)
  );
}
