import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** As much of an LNbits as tells what a key may do, and notes who asks it for an invoice. */
export interface SmallLnbits {
  readonly url: string;
  readonly adminKey: string;
  readonly invoiceKey: string;
  /** Whether it says to whom a key belongs; else it answers that question with 500. */
  tells: boolean;
  readonly calls: string[];
  close(): Promise<void>;
}

export async function startSmallLnbits(): Promise<SmallLnbits> {
  const keys = { adminKey: 'a'.repeat(32), invoiceKey: 'b'.repeat(32) };
  const server = createServer((request, response) => {
    lnbits.calls.push(`${request.method} ${request.url}`);
    request.resume();
    const isAdmin = request.headers['x-api-key'] === keys.adminKey;
    if (request.url !== '/api/v1/wallet') return answer(response, 404, { detail: 'Payment does not exist.' });
    if (!lnbits.tells) return answer(response, 500, { detail: 'Internal Server Error' });
    answer(response, 200, { name: 'shop', balance: 0, ...(isAdmin ? { id: 'c'.repeat(32) } : {}) });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const lnbits: SmallLnbits = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...keys,
    tells: true,
    calls: [],
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return lnbits;
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
