import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SandboxNode } from '@satway/wallets/sandbox';
import { listen } from './server.js';

/** What a seller has to tell, before it is put into its own form. */
export interface OfferParts {
  readonly token: string;
  readonly invoice: string;
}

/** How a seller writes its 402: the `WWW-Authenticate` lines, and a body where it has one. */
export interface ForeignForm {
  readonly lines: readonly string[];
  readonly body?: string;
}

export interface ForeignSellerOptions {
  readonly seller: SandboxNode;
  readonly write: (offer: OfferParts) => ForeignForm;
  readonly mint: (paymentHashHex: string) => string;
  readonly amountMsat?: number;
}

export interface ForeignSeller {
  readonly url: string;
  /** Values of `Authorization` as they came in. */
  readonly authorizations: string[];
}

/**
 * A seller of somebody else's making: it knows nothing of our code, offers in its own form, and serves whoever sends back a token that it
 * gave out with the preimage that belongs to it.
 */
export async function startForeignSeller(options: ForeignSellerOptions): Promise<ForeignSeller> {
  const hashByToken = new Map<string, string>();
  const authorizations: string[] = [];
  const url = await listen(async (request: IncomingMessage, response: ServerResponse) => {
    const { authorization } = request.headers;
    if (authorization !== undefined) authorizations.push(authorization);
    if (isPaid(authorization, hashByToken)) {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"served":true}');
      return;
    }
    await offer(options, hashByToken, response);
  });
  return { url, authorizations };
}

function isPaid(authorization: string | undefined, hashByToken: ReadonlyMap<string, string>): boolean {
  const [, token = '', preimageHex = ''] = /^(?:L402|LSAT) (.+):([0-9a-f]{64})$/.exec(authorization ?? '') ?? [];
  const digest = createHash('sha256').update(Buffer.from(preimageHex, 'hex')).digest('hex');
  return hashByToken.get(token) === digest;
}

async function offer(
  { seller, write, mint, amountMsat = 5_000 }: ForeignSellerOptions,
  hashByToken: Map<string, string>,
  response: ServerResponse,
): Promise<void> {
  const issued = await seller.issuer.create({ amountMsat, description: 'one thing', expirySeconds: 600 });
  const token = mint(issued.paymentHashHex);
  hashByToken.set(token, issued.paymentHashHex);
  const { lines, body } = write({ token, invoice: issued.invoice });
  const headers = lines.flatMap((line) => ['WWW-Authenticate', line]);
  const type = body === undefined ? 'text/plain' : 'application/json';
  response.writeHead(402, [...headers, 'Content-Type', type]).end(body ?? 'payment required');
}
