import { createHash, randomBytes } from 'node:crypto';
import {
  attenuate,
  canonicalizePath,
  decodeMacaroonText,
  encodeMacaroonText,
  formatAuthorization,
  holderCaveats,
  type MasterKey,
  parseChallenges,
} from '@satway/protocol';
import type { Claim, Decision, GateAnswer, RequestFacts } from '../../src/engine/index.js';
import type { Endpoint } from '../../src/routes/index.js';

export const TENANT = { id: '6f1c2d34-5e6f-4a7b-8c9d-0e1f2a3b4c5d', slug: 'acme' } as const;
export const FORECAST: Endpoint = {
  id: 'forecast',
  method: 'GET',
  path: '/v1/forecast/:city',
  price: { model: 'per_request', priceMsat: 5_000, uses: 1 },
};
export const TILE: Endpoint = {
  id: 'tile',
  method: 'GET',
  path: '/v1/tile/:z/:x/:y',
  price: { model: 'per_request', priceMsat: 250, uses: 20 },
};
export const SUBMIT: Endpoint = {
  id: 'submit',
  method: 'POST',
  path: '/v1/submit',
  price: { model: 'per_request', priceMsat: 7_000, uses: 1 },
};
export const PING: Endpoint = { id: 'ping', method: 'GET', path: '/ping', price: { model: 'free' } };
export const ENDPOINTS: readonly Endpoint[] = [FORECAST, TILE, SUBMIT, PING];

export interface Ask {
  readonly method?: string;
  /** Header name, value, name, value … */
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly from?: string;
}

/** A caller's secret as our client makes it. */
export function freshSecret(): string {
  return randomBytes(32).toString('hex');
}

export function masterKey(createdAtMs: number, verifyUntilMs: number | null = null): MasterKey {
  return { secret: randomBytes(32), createdAtMs, verifyUntilMs };
}

export function requestFacts(
  target: string,
  { method = 'GET', headers = [], body = '', from = '203.0.113.7' }: Ask = {},
): RequestFacts {
  const path = canonicalizePath(target);
  if (!path.ok) throw new TypeError(`the test asks for ${target}, which is no path`);
  return {
    method,
    path: path.value,
    query: path.value.query,
    rawHeaders: ['Host', 'api.example', ...headers],
    callerAddress: from,
    readBodyDigest: () => Promise.resolve(createHash('sha256').update(body).digest('hex')),
  };
}

/** What an answer offers, as a client reads it. */
export interface ReadOffer {
  readonly macaroonText: string;
  readonly invoice: string;
}

export function readOffer(decision: Decision): ReadOffer {
  if (decision.kind !== 'challenge') throw new TypeError(`a challenge was expected, not ${describeDecision(decision)}`);
  const line = headerOf(decision.answer, 'WWW-Authenticate');
  const [challenge] = parseChallenges(line === undefined ? [] : [line]);
  if (challenge === undefined || !('macaroonText' in challenge) || !challenge.macaroonText || !challenge.invoice) {
    throw new TypeError('the challenge cannot be read');
  }
  return { macaroonText: challenge.macaroonText, invoice: challenge.invoice };
}

export function headerOf(answer: GateAnswer, name: string): string | undefined {
  return answer.headers.find(([header]) => header.toLowerCase() === name.toLowerCase())?.[1];
}

/** The answer that a decision has ready; a grant has none. */
export function answerOf(decision: Decision): GateAnswer {
  if (decision.kind === 'grant') throw new TypeError('an answer was expected, not a grant');
  return decision.answer;
}

export function claimOf(decision: Decision): Claim {
  if (decision.kind === 'grant' && decision.grant.via === 'claim') return decision.grant.claim;
  throw new TypeError(`a claim was expected, not ${describeDecision(decision)}`);
}

/** One word for a decision, for tables of expectations. */
export function describeDecision(decision: Decision): string {
  if (decision.kind === 'grant') return decision.grant.via;
  return decision.kind === 'refuse' ? decision.code : 'challenge';
}

/** The header pair of a credential. */
export type Credential = readonly ['Authorization', string];

export function credentialParts([, value]: Credential): { macaroonText: string; preimageHex: string } {
  const [macaroonText = '', preimageHex = ''] = value.replace(/^L402 /, '').split(/:(?=[^:]*$)/);
  return { macaroonText, preimageHex };
}

/** A delegated credential: the same with more caveats. */
export function narrowed(credential: Credential, caveats: readonly string[]): Credential {
  const { macaroonText, preimageHex } = credentialParts(credential);
  const decoded = decodeMacaroonText(macaroonText);
  if (!decoded.ok) throw new TypeError(decoded.code);
  return [
    'Authorization',
    formatAuthorization(encodeMacaroonText(attenuate(decoded.value.macaroon, caveats)), preimageHex),
  ];
}

let grants = 0;

/** Caveats that start a branch of their own. */
export function branch(limits: Omit<Parameters<typeof holderCaveats>[0], 'grantHex'>): readonly string[] {
  grants += 1;
  const caveats = holderCaveats({ grantHex: grants.toString(16).padStart(32, '0'), ...limits });
  if (!caveats.ok) throw new TypeError(caveats.code);
  return caveats.value;
}
