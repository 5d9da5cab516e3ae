import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { encodeInvoice, type InvoiceToEncode } from '@satway/protocol';
import { type RawRequest, type RawServer, startRawServer, unary } from '../lnd/raw-server.js';

export const ADMIN_KEY = '3da442c450ec497ab16b0349c9673827';
export const INVOICE_KEY = '99a58307c69f45d0a0e2b43142b14649';
export const WALLET_ID = '8ede5b09170846119285f3f042045934';
export const PREIMAGE = 'a1'.repeat(32);
export const HASH = createHash('sha256').update(Buffer.from(PREIMAGE, 'hex')).digest('hex');

/** What is answered, as bytes; `null` for nothing at all. */
export type Answer = string | null;
type Route = (request: RawRequest, socket: Socket) => Answer;

/** The calls of LNbits that the adapter makes; a test replaces what it is about. */
export interface Routes {
  wallet: Route;
  feeReserve: Route;
  list: Route;
  post: Route;
  row: Route;
}

export interface LnbitsServer {
  /** With a path, as behind a proxy. */
  readonly url: string;
  readonly raw: RawServer;
  routes: Routes;
  /** Requests of one kind so far. */
  asked(kind: keyof Routes): RawRequest[];
  close(): Promise<void>;
}

const PREFIX = '/pay/lnbits/api/v1';

export const json = (status: number, body: unknown): string => unary(status, JSON.stringify(body));

export const invoiceOf = (more: Partial<InvoiceToEncode> = {}): string =>
  encodeInvoice(
    {
      network: 'regtest',
      amountMsat: 21_000n,
      timestampSeconds: 1_795_270_061,
      paymentHashHex: HASH,
      paymentSecretHex: 'c8'.repeat(32),
      description: 'one call',
      expirySeconds: 3600,
      ...more,
    },
    Buffer.alloc(32, 9),
  );

/** A row as LNbits 1.6.2 writes it, of a payment that went out. */
export const rowOf = (more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  checking_id: HASH,
  payment_hash: HASH,
  wallet_id: WALLET_ID,
  amount: -21_000,
  fee: -7,
  bolt11: invoiceOf(),
  payment_request: invoiceOf(),
  fiat_provider: null,
  status: 'success',
  memo: 'one call',
  expiry: '2026-11-21T16:49:32+00:00',
  webhook: null,
  webhook_status: null,
  preimage: PREIMAGE,
  tag: null,
  extension: null,
  time: '2026-11-21T16:39:32.909422+00:00',
  created_at: '2026-11-21T16:39:32.909431+00:00',
  updated_at: '2026-11-21T16:39:32.909433+00:00',
  labels: [],
  extra: {},
  external_id: null,
  ...more,
});

export const paidRow = (more: Readonly<Record<string, unknown>> = {}): string =>
  json(200, { paid: true, preimage: PREIMAGE, details: rowOf(more) });
export const noRow = json(404, { detail: 'Payment does not exist.' });

const usual = (): Routes => ({
  wallet: ({ head }) =>
    json(200, { name: 'w', balance: 100_000, ...(head.includes(ADMIN_KEY) ? { id: WALLET_ID } : {}) }),
  feeReserve: () => json(200, { fee_reserve: 2000 }),
  list: () => json(200, [rowOf()]),
  post: () => json(201, rowOf()),
  row: () => paidRow(),
});

/** LNbits by its recorded words, over a server that can say any bytes. */
export async function startLnbitsServer(): Promise<LnbitsServer> {
  const raw = await startRawServer();
  const server: LnbitsServer = {
    url: `${raw.url}/pay/lnbits`,
    raw,
    routes: usual(),
    asked: (kind) => raw.requests.filter(({ head }) => kindOf(head) === kind),
    close: () => raw.close(),
  };
  raw.script = (socket, request) => {
    const kind = kindOf(request.head);
    const answer = kind === null ? json(404, { detail: 'Not Found' }) : server.routes[kind](request, socket);
    if (answer !== null) socket.write(answer);
  };
  return server;
}

function kindOf(head: string): keyof Routes | null {
  const [method = '', target = ''] = head.split(' ');
  if (!target.startsWith(PREFIX)) return null;
  const path = target.slice(PREFIX.length);
  if (method === 'POST') return path === '/payments' ? 'post' : null;
  if (path === '/wallet') return 'wallet';
  if (path.startsWith('/payments?')) return 'list';
  if (path.startsWith('/payments/fee-reserve?invoice=')) return 'feeReserve';
  return /^\/payments\/[0-9a-f]{64}$/.test(path) ? 'row' : null;
}
