import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  decodeIdentifier,
  decodeMacaroonText,
  encodeIdentifier,
  encodeMacaroonText,
  formatL402Challenge,
  mintedCaveats,
  mintMacaroon,
  parseAuthorization,
} from '@satway/protocol';
import type { InvoiceIssuer } from '@satway/wallets';
import { onTestFinished } from 'vitest';

/** One request as it reached a seller. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Handler = (request: SeenRequest, response: ServerResponse) => unknown;

/** A real HTTP server on loopback that remembers what it was sent, and goes away with the test. */
export async function startServer(handler: Handler): Promise<{ url: string; seen: SeenRequest[] }> {
  const seen: SeenRequest[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { method = '', url = '', headers } = request;
    seen.push({ method, url, headers, body });
    await handler({ method, url, headers, body }, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

export const TENANT_ID = '6f1c0d5e-8a35-4f0e-9a0e-2f6f1b1f8a11';
const ROOT_KEY = Buffer.alloc(32, 9);

/** How an offer of the test seller differs from a plain one. */
export interface TokenOptions {
  readonly paymentHashHex: string;
  readonly priceMsat?: number;
  readonly uses?: number;
  readonly endpointId?: string;
  readonly expiresAtMs?: number;
  /** What the price depended on. */
  readonly bound?: { readonly bodySha256Hex?: string; readonly querySha256Hex?: string };
}

const DISCOVERY_PATH = '/.well-known/l402-gateway.json';
/** What our own gateway enforces. */
export const ALL_CAVEATS = ['grant', 'method', 'path_prefix', 'valid_until', 'n_uses', 'max_sats'];

/** A macaroon like those of our own gate. */
export function mintToken({
  paymentHashHex,
  priceMsat = 5000,
  uses = 1,
  endpointId = 'item',
  expiresAtMs,
  bound = {},
}: TokenOptions): string {
  const mintedAtMs = Date.now();
  const caveats = mintedCaveats({
    tenantSlug: 'acme',
    tenantId: TENANT_ID,
    endpointId,
    model: 'per_request',
    priceMsat,
    uses,
    mintedAtMs,
    expiresAtMs: expiresAtMs ?? mintedAtMs + 4 * 3_600_000,
    ...bound,
  });
  const identifier = encodeIdentifier({ paymentHashHex, tokenId: randomBytes(32) });
  return encodeMacaroonText(mintMacaroon({ rootKey: ROOT_KEY, location: 'satway', identifier, caveats }));
}

/** Answers with a 402 in the form of our own gate. */
export function challenge(response: ServerResponse, macaroonText: string, invoice: string, body: object = {}): void {
  response.writeHead(402, {
    'www-authenticate': formatL402Challenge({ macaroonText, invoice }),
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  });
  response.end(JSON.stringify(body));
}

/** The credential of a request: its payment hash, when token and preimage belong together. */
export function paidHash(request: SeenRequest): string | null {
  const { authorization } = request.headers;
  if (authorization === undefined) return null;
  const parsed = parseAuthorization(['Authorization', authorization]);
  if (parsed.kind !== 'credential') return null;
  const macaroon = decodeMacaroonText(parsed.macaroonText);
  const identifier = macaroon.ok ? decodeIdentifier(macaroon.value.macaroon.identifier) : macaroon;
  if (!identifier.ok) return null;
  const { paymentHashHex } = identifier.value;
  const digest = createHash('sha256').update(Buffer.from(parsed.preimageHex, 'hex')).digest('hex');
  return digest === paymentHashHex ? paymentHashHex : null;
}

/** An honest seller: one use for each use paid, and the same answer again for the same key. */
export interface Seller {
  readonly url: string;
  readonly seen: SeenRequest[];
  /** Uses taken, by payment hash. */
  readonly used: Map<string, number>;
}

export interface SellerOptions {
  readonly issuer: InvoiceIssuer;
  readonly priceMsat?: number;
  readonly uses?: number;
  readonly endpointId?: string;
  /** What its discovery document announces to enforce; none without. */
  readonly caveats?: unknown;
  /** May answer a paid request in another way; `true` when it did. */
  readonly onPaid?: (
    request: SeenRequest,
    response: ServerResponse,
    paymentHashHex: string,
  ) => boolean | Promise<boolean>;
}

export async function startSeller(options: SellerOptions): Promise<Seller> {
  const used = new Map<string, number>();
  const answers = new Map<string, string>();
  const server = await startServer(async (request, response) => {
    if (request.url === DISCOVERY_PATH && options.caveats !== undefined) {
      return response.end(JSON.stringify({ caveats: options.caveats }));
    }
    const hash = paidHash(request);
    if (hash === null) return offer(options, response);
    if ((await options.onPaid?.(request, response, hash)) === true) return;
    const answerKey = `${hash} ${String(request.headers['idempotency-key'])}`;
    const uses = used.get(hash) ?? 0;
    if (!answers.has(answerKey)) {
      if (uses >= (options.uses ?? 1)) return offer(options, response);
      used.set(hash, uses + 1);
      answers.set(answerKey, JSON.stringify({ answer: answers.size + 1, url: request.url, body: request.body }));
    }
    response.writeHead(200, { 'content-type': 'application/json', 'x-payment-outcome': 'charged' });
    response.end(answers.get(answerKey));
  });
  return { ...server, used };
}

async function offer(
  { issuer, priceMsat = 5000, uses = 1, endpointId = 'item' }: SellerOptions,
  response: ServerResponse,
) {
  const issued = await issuer.create({ amountMsat: priceMsat, description: 'one item', expirySeconds: 3600 });
  const token = mintToken({ paymentHashHex: issued.paymentHashHex, priceMsat, uses, endpointId });
  challenge(response, token, issued.invoice, { priceSats: Math.ceil(priceMsat / 1000) });
}
