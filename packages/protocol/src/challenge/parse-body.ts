import { type Challenge, type L402Challenge, parseChallenges } from './parse.js';

/** What the body of a 402 says. */
export interface BodyChallenge {
  readonly macaroonText: string | null;
  readonly invoice: string | null;
  /**
   * The price that the body names, in millisatoshis; `null` where it names none. Of several the lowest, and 0 where a field that counts
   * satoshis holds no number, so that no invoice can ask for more than the body said.
   */
  readonly advertisedMsat: number | null;
  /** True where fields of the body name different prices. */
  readonly contradictsItself: boolean;
}

const MAX_BODY = 262_144;
const MACAROON_FIELDS = ['macaroon', 'token', 'l402_token', 'lsat'];
const INVOICE_FIELDS = ['invoice', 'paymentRequest', 'payment_request', 'pr', 'bolt11'];
/** Fields that hold the text of the header. */
const HEADER_FIELDS = ['WWW-Authenticate', 'www-authenticate', 'wwwAuthenticate', 'www_authenticate', 'challenge'];
const SATS_FIELDS = ['priceSats', 'amountSats', 'price_sats', 'amount_sats'];
const MSAT_FIELDS = ['amountMsat', 'amount_msat', 'priceMsat', 'price_msat'];
/** Satoshis where they are numbers; others write `"$0.01"` here. */
const LOOSE_SATS_FIELDS = ['price', 'amount'];
/** Objects in which servers in the field wrap the challenge. */
const WRAPPERS = ['l402', 'L402', 'lsat', 'challenge', 'payment', 'data', 'detail'];

/**
 * Reads a body that carries the challenge, or a price, while the header does not: JSON with the fields at top level, in a wrapper or in the `_meta` of a tool's result, JSON
 * with the header's text, or that text alone. `null`: nothing of the kind. Never throws.
 */
export function parseChallengeBody(text: string): BodyChallenge | null {
  if (text.length > MAX_BODY) return null;
  const places = objectsOf(text);
  const header = places.length === 0 ? headerIn(text) : headerIn(firstText(places, HEADER_FIELDS) ?? '');
  const macaroonText = firstText(places, MACAROON_FIELDS) ?? header?.macaroonText ?? null;
  const invoice = firstText(places, INVOICE_FIELDS)?.replace(/^lightning:/i, '') ?? header?.invoice ?? null;
  const prices = places.flatMap(pricesOf);
  if (macaroonText === null && invoice === null && prices.length === 0) return null;
  const advertisedMsat = prices.length === 0 ? null : Math.min(...prices);
  return { macaroonText, invoice, advertisedMsat, contradictsItself: new Set(prices).size > 1 };
}

const META_CHALLENGE = '/challenge';

type JsonObject = Readonly<Record<string, unknown>>;

/** Most bodies of a 402 are empty or prose. */
const BEGINS_OBJECT = /^[ \t\r\n]*\{/;

function objectsOf(text: string): JsonObject[] {
  if (!BEGINS_OBJECT.test(text)) return [];
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return [];
    return [value, ...WRAPPERS.map((name) => own(value, name)).filter(isObject), ...metaChallengesOf(value)];
  } catch {
    return [];
  }
}

/** The challenge of a priced MCP tool: in the result's `_meta`, under a name that ends with `/challenge`, whoever's prefix it has. */
function metaChallengesOf(value: JsonObject): JsonObject[] {
  const metas = [value, own(value, 'result')].filter(isObject).map((place) => own(place, '_meta'));
  return metas.filter(isObject).flatMap((meta) =>
    Object.keys(meta)
      .filter((name) => name.endsWith(META_CHALLENGE))
      .map((name) => meta[name])
      .filter(isObject),
  );
}

function headerIn(text: string): L402Challenge | undefined {
  const line = text.trim();
  if (!/^(?:L402|LSAT)[ \t]/i.test(line)) return undefined;
  return parseChallenges([line]).find(isL402);
}

function isL402(challenge: Challenge): challenge is L402Challenge {
  return challenge.scheme === 'L402' || challenge.scheme === 'LSAT';
}

function firstText(places: readonly JsonObject[], names: readonly string[]): string | null {
  for (const place of places) {
    for (const name of names) {
      const value = own(place, name);
      if (typeof value === 'string' && value !== '') return value;
    }
  }
  return null;
}

function pricesOf(place: JsonObject): number[] {
  const read = (names: readonly string[], unitMsat: number): number[] =>
    names
      .map((name) => own(place, name))
      .filter((value) => value !== undefined && value !== null)
      .map((value) => readAmount(value) * unitMsat);
  const loose = isInSatoshis(own(place, 'currency'))
    ? LOOSE_SATS_FIELDS.filter((name) => typeof own(place, name) === 'number')
    : [];
  return [...read(SATS_FIELDS, 1000), ...read(MSAT_FIELDS, 1), ...read(loose, 1000)];
}

function isInSatoshis(currency: unknown): boolean {
  if (currency === undefined || currency === null) return true;
  return typeof currency === 'string' && /^(?:sats?|satoshis?)$/i.test(currency);
}

/** A number, or one as canonical digits; what cannot be read counts as 0. */
function readAmount(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  return typeof value === 'string' && /^[1-9][0-9]{0,14}$/.test(value) ? Number(value) : 0;
}

function own(place: JsonObject, name: string): unknown {
  return Object.hasOwn(place, name) ? place[name] : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
