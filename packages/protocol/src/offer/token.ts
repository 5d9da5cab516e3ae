import { type CredentialTerms, interpretCaveats } from '../caveats/index.js';
import { decodeIdentifier, decodeMacaroonText, type Macaroon } from '../macaroon/index.js';

/** What an offered token says of itself before it is paid for. */
export interface OfferedToken {
  /** The payment that it will take. */
  readonly paymentHashHex: string;
  /** The earliest of its expiries; `null` where it names none that can be read. */
  readonly expiresAtMs: number | null;
  /** What it opens, where it is one of ours; `null` for a macaroon with caveats of others. */
  readonly terms: CredentialTerms | null;
}

/** Smaller expiries count seconds: this many seconds lie in the year 5138, this many milliseconds in 1973. */
const FIRST_MILLISECOND_VALUE = 100_000_000_000;

/** Reads a token that is a macaroon with an L402 identifier; `null` for a format that cannot be read. */
export function readToken(tokenText: string): OfferedToken | null {
  const decoded = decodeMacaroonText(tokenText);
  if (!decoded.ok) return null;
  const { macaroon } = decoded.value;
  const identifier = decodeIdentifier(macaroon.identifier);
  if (!identifier.ok) return null;
  const terms = interpretCaveats(macaroon.caveats);
  return {
    paymentHashHex: identifier.value.paymentHashHex,
    expiresAtMs: terms.ok ? terms.value.effectiveExpiresAtMs : earliestExpiryMs(macaroon),
    terms: terms.ok ? terms.value : null,
  };
}

/** Deployed minters write `expires_at`, `valid_until` or `<service>_valid_until`, in seconds or milliseconds; other caveats are the seller's affair. */
function earliestExpiryMs(macaroon: Macaroon): number | null {
  const expiries = macaroon.caveats
    .map((caveat) => expiryMs(new TextDecoder().decode(caveat)))
    .filter((at) => at !== null);
  return expiries.length === 0 ? null : Math.min(...expiries);
}

function expiryMs(caveat: string): number | null {
  const [, digits] = /^(?:expires_at|(?:[^=]*_)?valid_until)=([0-9]{1,15})$/.exec(caveat) ?? [];
  if (digits === undefined) return null;
  return Number(digits) < FIRST_MILLISECOND_VALUE ? Number(digits) * 1000 : Number(digits);
}
