import {
  type CredentialTerms,
  type HolderLimits,
  parsePathPrefix,
  pathPrefixCovers,
  type Refusal,
  refuse,
} from '@satway/protocol';

const MSAT_PER_SAT = 1000;

/**
 * What of the wanted limits is more than the credential gives, or leaves not even one call; `null` where all of it is narrower. The seller would refuse the surplus anyway: it
 * is refused here so that nobody believes to have handed over more than there is.
 */
export function findWidening(terms: CredentialTerms, wanted: HolderLimits, nowMs: number): Refusal | null {
  return (
    widerMethod(terms, wanted) ??
    widerPath(terms, wanted) ??
    longerLife(terms, wanted, nowMs) ??
    moreUses(terms, wanted) ??
    moreSats(terms, wanted)
  );
}

function widerMethod({ method }: CredentialTerms, wanted: HolderLimits): Refusal | null {
  if (method === null || wanted.method === undefined || wanted.method === method) return null;
  return widens(`Its method is ${method}.`);
}

function widerPath({ pathPrefixes }: CredentialTerms, { pathPrefix }: HolderLimits): Refusal | null {
  if (pathPrefix === undefined) return null;
  const prefix = parsePathPrefix(pathPrefix);
  if (!prefix.ok) return refuse('DELEGATION_INVALID', prefix.detail);
  // A percent sign would be decoded a second time.
  const place = { forward: prefix.value.replaceAll('%', '%25'), match: prefix.value, query: '' };
  const outside = pathPrefixes.find((parent) => !pathPrefixCovers(parent, place));
  return outside === undefined ? null : widens(`Its paths lie under ${outside}.`);
}

function longerLife(
  { effectiveExpiresAtMs }: CredentialTerms,
  { validUntilMs }: HolderLimits,
  nowMs: number,
): Refusal | null {
  if (validUntilMs === undefined || validUntilMs <= effectiveExpiresAtMs) return null;
  return widens(`It lives for ${effectiveExpiresAtMs - nowMs} ms more.`);
}

function moreUses(terms: CredentialTerms, { uses }: HolderLimits): Refusal | null {
  // A pass or a deposit is counted by its session, not by calls.
  const bought = terms.model === 'per_request' ? terms.uses : Number.POSITIVE_INFINITY;
  const most = Math.min(bought, ...capsOf(terms, 'n_uses'));
  return uses === undefined || uses <= most ? null : widens(`It opens at most ${most} calls.`);
}

function moreSats(terms: CredentialTerms, { maxSats }: HolderLimits): Refusal | null {
  if (maxSats === undefined) return null;
  const isPerRequest = terms.model === 'per_request';
  const paid = isPerRequest ? Math.ceil(terms.priceMsat / MSAT_PER_SAT) : Number.POSITIVE_INFINITY;
  const most = Math.min(paid, ...capsOf(terms, 'max_sats'));
  if (maxSats > most) return widens(`It is worth at most ${most} sats.`);
  const callMsat = isPerRequest ? Math.ceil(terms.priceMsat / terms.uses) : 0;
  if (callMsat <= maxSats * MSAT_PER_SAT) return null;
  return refuse('DELEGATION_INVALID', `One call costs ${callMsat} msat, so maxSats would not open even one.`);
}

function capsOf({ counters }: CredentialTerms, kind: 'n_uses' | 'max_sats'): number[] {
  return counters.filter((counter) => counter.kind === kind).map(({ cap }) => cap);
}

function widens(detail: string): Refusal {
  return refuse('DELEGATION_WIDENS', detail);
}
