/** What the JSON body of a 402 says. */
export interface BodyChallenge {
  readonly macaroonText: string | null;
  readonly invoice: string | null;
  /** The price that the body names, in millisatoshis; `null` where it names none. */
  readonly advertisedMsat: number | null;
  /** True where fields of the body name different prices. */
  readonly contradictsItself: boolean;
}

const MAX_BODY = 262_144;
const MACAROON_FIELDS = ['macaroon', 'token', 'l402_token', 'lsat'];
const INVOICE_FIELDS = ['invoice', 'paymentRequest', 'payment_request', 'pr', 'bolt11'];
const SATS_FIELDS = ['priceSats', 'amountSats', 'price_sats', 'amount_sats', 'price', 'amount'];
const MSAT_FIELDS = ['amountMsat', 'amount_msat', 'priceMsat', 'price_msat'];
/** Objects in which servers in the field wrap the challenge. */
const WRAPPERS = ['l402', 'L402', 'lsat', 'challenge', 'payment', 'data', 'detail'];

/** Reads a body that carries the challenge, or a price, while the header does not. `null`: no JSON object, or nothing of the kind in it. Never throws. */
export function parseChallengeBody(text: string): BodyChallenge | null {
  const places = objectsOf(text);
  const macaroonText = firstText(places, MACAROON_FIELDS);
  const invoice = firstText(places, INVOICE_FIELDS);
  const prices = places.flatMap(pricesOf);
  if (macaroonText === null && invoice === null && prices.length === 0) return null;
  return { macaroonText, invoice, advertisedMsat: prices[0] ?? null, contradictsItself: new Set(prices).size > 1 };
}

type JsonObject = Readonly<Record<string, unknown>>;

function objectsOf(text: string): JsonObject[] {
  if (text.length > MAX_BODY) return [];
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return [];
    return [value, ...WRAPPERS.map((name) => own(value, name)).filter(isObject)];
  } catch {
    return [];
  }
}

function firstText(places: readonly JsonObject[], names: readonly string[]): string | null {
  const found = places
    .flatMap((place) => names.map((name) => own(place, name)))
    .find((value) => typeof value === 'string' && value !== '');
  return typeof found === 'string' ? found : null;
}

function pricesOf(place: JsonObject): number[] {
  const read = (names: readonly string[], unit: number): number[] =>
    names
      .map((name) => own(place, name))
      .filter((value) => typeof value === 'number' && Number.isFinite(value))
      .map((value) => Number(value) * unit);
  return [...read(SATS_FIELDS, 1000), ...read(MSAT_FIELDS, 1)];
}

function own(place: JsonObject, name: string): unknown {
  return Object.hasOwn(place, name) ? place[name] : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
