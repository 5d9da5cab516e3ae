import { type RawChallenge, scanChallenges } from './header-scanner.js';

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

/** A scheme that is not for paying, `Basic` for one. */
export interface OtherChallenge {
  readonly scheme: 'other';
  readonly name: string;
  readonly params: ReadonlyMap<string, string>;
}

const MAX_CHALLENGES = 64;

/**
 * Reads all `WWW-Authenticate` lines, in their order: several challenges folded into one line, parameters in any order, `token` or `macaroon`, quoted, bare or
 * with quoted pairs. Never throws; what cannot be read, or says two things, is left out.
 */
export function parseChallenges(headerLines: readonly string[]): Challenge[] {
  return headerLines.slice(0, MAX_CHALLENGES).flatMap(scanChallenges).slice(0, MAX_CHALLENGES).flatMap(understand);
}

function understand({ scheme, params, isAmbiguous }: RawChallenge): Challenge[] {
  if (isAmbiguous) return [];
  switch (scheme.toUpperCase()) {
    case 'L402':
      return l402Challenge('L402', params);
    case 'LSAT':
      return l402Challenge('LSAT', params);
    case 'PAYMENT':
      return [paymentChallenge(params)];
    default:
      return [{ scheme: 'other', name: scheme, params }];
  }
}

type Params = ReadonlyMap<string, string>;

/** `token` and `macaroon` are two names of one thing; where they differ nobody can know what is sold. */
function l402Challenge(scheme: L402Challenge['scheme'], params: Params): L402Challenge[] {
  const macaroonText = valueOf(params, 'macaroon') ?? valueOf(params, 'token');
  if (macaroonText !== (valueOf(params, 'token') ?? macaroonText)) return [];
  const invoice = valueOf(params, 'invoice')?.replace(/^lightning:/i, '') ?? null;
  return [{ scheme, macaroonText, invoice, version: valueOf(params, 'version'), params }];
}

function paymentChallenge(params: Params): PaymentChallenge {
  return {
    scheme: 'Payment',
    id: valueOf(params, 'id'),
    realm: valueOf(params, 'realm'),
    method: valueOf(params, 'method'),
    intent: valueOf(params, 'intent'),
    request: valueOf(params, 'request'),
    expires: valueOf(params, 'expires'),
    opaque: valueOf(params, 'opaque'),
    digest: valueOf(params, 'digest'),
    params,
  };
}

/** An empty value says nothing. */
function valueOf(params: Params, name: string): string | null {
  const value = params.get(name);
  return value === undefined || value === '' ? null : value;
}
