import { scanChallenges } from './header-scanner.js';

/** A challenge of a 402, understood as far as its scheme is known. */
export type Challenge = L402Challenge | PaymentChallenge | OtherChallenge;

export interface L402Challenge {
  readonly scheme: 'L402' | 'LSAT';
  /** From `token` or `macaroon`; `null` where the header has neither. */
  readonly macaroonText: string | null;
  readonly invoice: string | null;
  readonly version: string | null;
  readonly params: ReadonlyMap<string, string>;
}

export interface PaymentChallenge {
  readonly scheme: 'Payment';
  readonly id: string | null;
  readonly realm: string | null;
  readonly method: string | null;
  readonly intent: string | null;
  readonly request: string | null;
  readonly expires: string | null;
  readonly opaque: string | null;
  readonly digest: string | null;
  readonly params: ReadonlyMap<string, string>;
}

export interface OtherChallenge {
  readonly scheme: 'other';
  readonly name: string;
  readonly params: ReadonlyMap<string, string>;
}

const MAX_CHALLENGES = 64;

/** Reads all `WWW-Authenticate` lines, in their order. Never throws; what cannot be read is left out. */
export function parseChallenges(headerLines: readonly string[]): Challenge[] {
  return headerLines.slice(0, MAX_CHALLENGES).flatMap(scanChallenges).slice(0, MAX_CHALLENGES).map(understand);
}

function understand({ scheme, params }: { scheme: string; params: ReadonlyMap<string, string> }): Challenge {
  const name = scheme.toUpperCase();
  const get = (key: string): string | null => params.get(key) ?? null;
  if (name === 'L402' || name === 'LSAT') {
    return {
      scheme: name,
      macaroonText: get('macaroon') ?? get('token'),
      invoice: get('invoice'),
      version: get('version'),
      params,
    };
  }
  if (name !== 'PAYMENT') return { scheme: 'other', name: scheme, params };
  return {
    scheme: 'Payment',
    id: get('id'),
    realm: get('realm'),
    method: get('method'),
    intent: get('intent'),
    request: get('request'),
    expires: get('expires'),
    opaque: get('opaque'),
    digest: get('digest'),
    params,
  };
}
