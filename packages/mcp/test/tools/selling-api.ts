import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { InvoiceIssuer } from '@satway/wallets';
import { onTestFinished } from 'vitest';
import { mint } from '../proxy/priced-server.js';

interface Offered {
  readonly amountMsat?: number;
  readonly description?: string;
}

interface Selling {
  readonly issuer: InvoiceIssuer;
  /** What whoever has paid gets. */
  readonly onPaid: (request: IncomingMessage, response: ServerResponse) => void;
  /** Before the price is told. */
  readonly onAsked?: () => Promise<void> | void;
  /** How it asks for money. Default: 5 sats for "x". */
  readonly offer?: (path: string) => Offered;
  /** Where it sends who has not paid; `null`: nowhere. */
  readonly leadsTo?: (path: string) => string | null;
  /** What it says of itself, for nothing. */
  readonly document?: () => unknown;
}

/** An HTTP API that asks 5 sats for everything. Returns its URL. */
export async function sellingApi({ issuer, onPaid, onAsked, document, ...selling }: Selling): Promise<string> {
  const { offer = (): Offered => ({}), leadsTo = () => null } = selling;
  const server = createServer(async (request, response) => {
    if (document !== undefined && request.url === '/.well-known/l402-gateway.json') {
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document()));
    }
    if (request.headers.authorization !== undefined) return onPaid(request, response);
    await onAsked?.();
    const path = request.url ?? '';
    const location = leadsTo(path);
    if (location !== null) return void response.writeHead(302, { location }).end();
    const { amountMsat = 5000, description = 'x' } = offer(path);
    const { invoice, paymentHashHex } = await issuer.create({ amountMsat, description, expirySeconds: 600 });
    const challenge = `L402 macaroon="${mint(paymentHashHex, amountMsat)}", invoice="${invoice}"`;
    response.writeHead(402, { 'www-authenticate': challenge }).end('{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
