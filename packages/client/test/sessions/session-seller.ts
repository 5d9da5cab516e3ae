import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import {
  decodeMacaroonText,
  encodeIdentifier,
  encodeMacaroonText,
  encodeSessionToken,
  interpretCaveats,
  mintedCaveats,
  mintMacaroon,
  parseAuthorization,
  type PriceModel,
} from '@satway/protocol';
import type { InvoiceIssuer } from '@satway/wallets';
import { challenge, paidHash, type SeenRequest, startServer, TENANT_ID } from '../support/seller.js';

interface OpenSession {
  readonly sid: string;
  readonly token: string;
  expiresAtMs: number;
  balance: number;
}

export interface SessionSellerOptions {
  readonly issuer: InvoiceIssuer;
  readonly model: Exclude<PriceModel, 'per_request'>;
  /** Sats: of a deposit, or for what the pass or the bucket holds. */
  readonly priceSats?: number;
  /** What one payment adds: sats, or requests. */
  readonly adds?: number;
  /** What one call takes of that. */
  readonly unit?: number;
  readonly lifeMs?: number;
  /** Whether it opens sessions by token; else its credentials alone name them. */
  readonly givesTokens?: boolean;
}

export type SessionSeller = Awaited<ReturnType<typeof startSessionSeller>>;

/** A seller as section 3 of the wire format has it: one session per payment, credited once, topped up by a credential that names it. */
export async function startSessionSeller(options: SessionSellerOptions) {
  const { issuer, model, priceSats = 10, adds = 10, unit = 4, lifeMs = 3_600_000, givesTokens = true } = options;
  const sessions = new Map<string, OpenSession>();
  const credited = new Map<string, OpenSession>();
  const sold = { count: 0, topUps: 0 };

  function openOrTopUp(hash: string, sid: string | null): OpenSession {
    const known = credited.get(hash);
    if (known !== undefined) return known;
    const session = (sid === null ? undefined : sessions.get(sid)) ?? begin(sessions, lifeMs);
    session.balance += adds;
    credited.set(hash, session);
    return session;
  }

  function sessionFor(request: SeenRequest): OpenSession | null {
    const token = request.headers['x-session-token'];
    if (token !== undefined) return [...sessions.values()].find((session) => session.token === token) ?? null;
    const hash = paidHash(request);
    return hash === null ? null : openOrTopUp(hash, sessionNamedIn(request));
  }

  async function offer(response: ServerResponse, sid: string | undefined): Promise<void> {
    const { paymentHashHex, invoice } = await issuer.create({
      amountMsat: priceSats * 1000,
      description: model,
      expirySeconds: 600,
    });
    sold.count += 1;
    if (sid !== undefined) sold.topUps += 1;
    challenge(response, mint(paymentHashHex, model, priceSats * 1000, sid), invoice);
  }

  const server = await startServer(async (request, response) => {
    const session = sessionFor(request);
    const isOver = session === null || session.expiresAtMs <= Date.now();
    const cost = model === 'time_pass' ? 0 : unit;
    if (isOver || session.balance < cost) return offer(response, isOver ? undefined : session.sid);
    session.balance -= cost;
    response.writeHead(200, { 'x-payment-outcome': 'charged', ...told(session, cost, model, givesTokens) });
    response.end(`answer to ${request.url}`);
  });
  return { ...server, sessions, sold };
}

function begin(sessions: Map<string, OpenSession>, lifeMs: number): OpenSession {
  const sid = randomBytes(8).toString('hex');
  const expiresAtMs = Date.now() + lifeMs;
  const claims = { kid: '01020304', sid, tenant: TENANT_ID, endpoint: 'item', exp: expiresAtMs };
  const session = { sid, token: encodeSessionToken(claims, Buffer.alloc(32, 5)), expiresAtMs, balance: 0 };
  sessions.set(sid, session);
  return session;
}

function told(session: OpenSession, cost: number, model: PriceModel, givesTokens: boolean): Record<string, string> {
  return {
    ...(givesTokens ? { 'x-session-token': session.token } : {}),
    'x-session-expires': new Date(session.expiresAtMs).toISOString(),
    ...(model === 'time_pass' ? {} : { 'x-session-balance': String(session.balance), 'x-session-cost': String(cost) }),
  };
}

/** A credential of ours for a session. */
export function mint(paymentHashHex: string, model: PriceModel, priceMsat: number, sessionId?: string): string {
  const mintedAtMs = Date.now();
  const caveats = mintedCaveats({
    tenantSlug: 'acme',
    tenantId: TENANT_ID,
    endpointId: 'item',
    model,
    priceMsat,
    uses: 1,
    mintedAtMs,
    expiresAtMs: mintedAtMs + 8 * 3_600_000,
    ...(sessionId === undefined ? {} : { sessionId }),
  });
  const identifier = encodeIdentifier({ paymentHashHex, tokenId: randomBytes(32) });
  const macaroon = mintMacaroon({ rootKey: Buffer.alloc(32, 9), location: 'satway', identifier, caveats });
  return encodeMacaroonText(macaroon);
}

function sessionNamedIn({ headers }: SeenRequest): string | null {
  const parsed = parseAuthorization(['Authorization', headers.authorization ?? '']);
  const decoded = parsed.kind === 'credential' ? decodeMacaroonText(parsed.macaroonText) : null;
  const terms = decoded?.ok === true ? interpretCaveats(decoded.value.macaroon.caveats) : null;
  return terms?.ok === true ? terms.value.sessionId : null;
}
