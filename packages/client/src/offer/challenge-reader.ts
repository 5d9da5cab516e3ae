import { SatwayError } from '@satway/base';
import type { ExchangeResponse } from '@satway/egress';
import {
  advertisedByParams,
  advertisedByPayment,
  type BodyChallenge,
  type Challenge,
  parseChallengeBody,
  parseChallenges,
} from '@satway/protocol';

/** What a 402 asks for, before anything of it is believed. */
export interface ReadChallenge {
  readonly macaroonText: string;
  readonly invoice: string;
  /** What header or body say the price is; `null` where neither does. */
  readonly advertisedMsat: number | null;
}

/** Of an answer, what carries a challenge. */
type Answer = Pick<ExchangeResponse, 'rawHeaders' | 'body'>;

type Payable = Extract<Challenge, { scheme: 'L402' | 'LSAT' }>;

/** Reads header and body of a 402. @throws {SatwayError} `OFFER_UNREADABLE`, `EGRESS_…`. */
export async function readChallenge(answer: Answer, maxBytes: number): Promise<ReadChallenge> {
  const challenges = parseChallenges(authenticateLines(answer.rawHeaders));
  const fromHeader = payableChallenge(challenges);
  const fromBody = parseChallengeBody(await readLimited(answer, maxBytes));
  // Sellers write one token in several encodings; the header's is the one that they expect back.
  const macaroonText = fromHeader?.macaroonText ?? fromBody?.macaroonText ?? null;
  const invoice = oneReading(fromHeader?.invoice?.toLowerCase(), fromBody?.invoice?.toLowerCase());
  if (macaroonText === null) throw new SatwayError('OFFER_UNREADABLE', { detail: 'It has no token.' });
  return { macaroonText, invoice, advertisedMsat: onePrice(fromHeader, challenges, fromBody) };
}

/** Whoever names a price names one, whatever the scheme in which it stands. */
function onePrice(
  fromHeader: Payable | null,
  challenges: readonly Challenge[],
  fromBody: BodyChallenge | null,
): number | null {
  if (fromBody?.contradictsItself === true) {
    throw new SatwayError('OFFER_PRICE_MISMATCH', { detail: 'The body names two.' });
  }
  const inHeader = fromHeader === null ? null : advertisedByParams(fromHeader.params);
  const inPayment = challenges.map((each) => (each.scheme === 'Payment' ? advertisedByPayment(each) : null));
  const [first = null, ...others] = [inHeader, ...inPayment, fromBody?.advertisedMsat ?? null].filter(
    (price) => price !== null,
  );
  if (others.some((price) => price !== first)) {
    throw new SatwayError('OFFER_PRICE_MISMATCH', { detail: 'Its parts name two.' });
  }
  return first;
}

/** The first that names an invoice; else the first of the scheme, whose invoice the body may name. */
function payableChallenge(challenges: readonly Challenge[]): Payable | null {
  const payable = challenges.filter(isPayable);
  return payable.find(({ invoice }) => invoice !== null) ?? payable[0] ?? null;
}

function isPayable(challenge: Challenge): challenge is Payable {
  return challenge.scheme === 'L402' || challenge.scheme === 'LSAT';
}

function authenticateLines(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'www-authenticate',
  );
}

/** Header and body may each leave a part to the other, but where both speak they must say the same. */
function oneReading(fromHeader: string | null | undefined, fromBody: string | null | undefined): string {
  const reading = fromHeader ?? fromBody;
  if (reading === null || reading === undefined)
    throw new SatwayError('OFFER_UNREADABLE', { detail: 'It has no invoice.' });
  if (fromBody !== null && fromBody !== undefined && fromBody !== reading) {
    throw new SatwayError('OFFER_UNREADABLE', { detail: 'Header and body show different invoices.' });
  }
  return reading;
}

async function readLimited(answer: Answer, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    size += chunk.length;
    if (size > maxBytes) throw new SatwayError('OFFER_UNREADABLE', { detail: 'The 402 answer is too large.' });
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
