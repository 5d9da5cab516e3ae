import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** As much of a phoenixd as tells what a password may do and which invoices are paid; it can go away and come back on its port. */
export interface SmallPhoenixd {
  readonly url: string;
  readonly fullPassword: string;
  /** Another one from now on is what a new configuration of the daemon's comes to. */
  limitedPassword: string;
  inboundSat: number;
  /** Payment hashes that are paid, with what came in. */
  readonly paidSat: Map<string, number>;
  readonly calls: string[];
  /** What it says to the full password where an invoice to pay is missing. */
  missingInvoice: { readonly status: number; readonly text: string };
  stop(): Promise<void>;
  start(): Promise<void>;
}

const WRONG_PASSWORD = 'Invalid authentication (use basic auth with the http password set in phoenix.conf)';

export async function startSmallPhoenixd(): Promise<SmallPhoenixd> {
  let server: Server | null = null;
  let port = 0;
  const passwords = { fullPassword: 'f'.repeat(64), limitedPassword: '1'.repeat(64) };
  const phoenixd: SmallPhoenixd = {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    ...passwords,
    inboundSat: 50_000,
    paidSat: new Map(),
    calls: [],
    missingInvoice: { status: 400, text: 'Request parameter invoice is missing' },
    async stop() {
      const stopping = server;
      server = null;
      stopping?.closeAllConnections();
      await new Promise<void>((resolve) => (stopping === null ? resolve() : stopping.close(() => resolve())));
    },
    async start() {
      const starting = createServer((request, response) => answer(phoenixd, request, response));
      await new Promise<void>((resolve) => starting.listen(port, '127.0.0.1', resolve));
      server = starting;
      ({ port } = starting.address() as AddressInfo);
    },
  };
  await phoenixd.start();
  return phoenixd;
}

function answer(phoenixd: SmallPhoenixd, request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? '';
  phoenixd.calls.push(`${request.method} ${path}`);
  const password = Buffer.from(String(request.headers.authorization).replace(/^Basic /, ''), 'base64').toString();
  const isFull = password === `:${phoenixd.fullPassword}`;
  request.resume();
  if (!isFull && password !== `:${phoenixd.limitedPassword}`) response.writeHead(401).end(WRONG_PASSWORD);
  else if (path === '/getinfo') sendJson(response, nodeInfo(phoenixd));
  else if (path === '/payinvoice') sendRefusal(phoenixd, isFull, response);
  else sendPayment(phoenixd, path.replace('/payments/incoming/', ''), response);
}

function sendRefusal({ missingInvoice }: SmallPhoenixd, isFull: boolean, response: ServerResponse): void {
  const { status, text } = isFull ? missingInvoice : { status: 401, text: WRONG_PASSWORD };
  response.writeHead(status).end(text);
}

function nodeInfo({ inboundSat }: SmallPhoenixd): object {
  const channel = { state: 'Normal', channelId: 'aa'.repeat(32), balanceSat: 0, inboundLiquiditySat: inboundSat };
  return { nodeId: `02${'c3'.repeat(32)}`, chain: 'regtest', channels: [channel], version: '0.6.0' };
}

function sendPayment({ paidSat }: SmallPhoenixd, paymentHash: string, response: ServerResponse): void {
  const receivedSat = paidSat.get(paymentHash);
  if (receivedSat === undefined) response.writeHead(404).end('Not found');
  else sendJson(response, { paymentHash, isPaid: true, receivedSat, fees: 0, completedAt: 1, createdAt: 1 });
}

function sendJson(response: ServerResponse, value: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
