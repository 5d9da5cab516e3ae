import type { Egress, ExchangeRequest } from '@satway/egress';
import type { SentSecrets } from './sent-secrets.js';

/** Headers of requests in which a proof of payment goes out; no caller can set one. */
const PROOF = /^(?:authorization|(?:x-)?(?:payment|cashu|session|l402|lsat)(?:-.*)?)$/i;
/** By which a seller hands out a proof for later. */
const SESSION_TOKEN = 'x-session-token';
const SESSION = /^[A-Za-z0-9._~+=-]{20,2048}$/;

/** The same door, and every proof that goes through it is remembered. */
export function watchRequests(egress: Egress, secrets: SentSecrets): Egress {
  return {
    async exchange(request) {
      const proofs = headersOf(request).filter(([name]) => PROOF.test(name));
      for (const [, value] of proofs) secrets.note(value);
      const answer = await egress.exchange(request);
      // A stranger who was paid nothing decides nothing about what others' answers may say.
      const session = proofs.length > 0 ? answer.header(SESSION_TOKEN) : null;
      if (session !== null && SESSION.test(session)) secrets.note(session);
      return answer;
    },
    openPool: (origin, options) => egress.openPool(origin, options),
    openSocket: (request) => egress.openSocket(request),
    close: () => egress.close(),
  };
}

function headersOf({ headers = [] }: ExchangeRequest): readonly (readonly [string, string])[] {
  return Array.isArray(headers) ? (headers as readonly (readonly [string, string])[]) : Object.entries(headers);
}
