import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readOwnInvoice } from '@satway/protocol';
import { type WebSocket, WebSocketServer } from 'ws';
import { FakeLedger, type IncomingRecord, type OutgoingRecord } from './fake-ledger.js';
import type { FakeLightning } from './fake-lightning.js';

/** What a call is answered with. */
export interface FakeAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * What goes wrong with one call. `before` keeps it from the daemon; `after` lets the daemon do its work first. An answer takes the place of the daemon's;
 * `null` breaks the connection; a promise is waited for.
 */
export interface FakeFault {
  readonly path: string;
  readonly before?: () => FakeAnswer | null | Promise<FakeAnswer | null>;
  readonly after?: (answer: FakeAnswer) => FakeAnswer | null | Promise<FakeAnswer | null>;
}

export interface FakeCall {
  readonly method: string;
  readonly path: string;
  readonly authorization: string;
  readonly contentType: string;
  readonly body: string;
}

class BadRequest extends Error {}

const text = (status: number, body: string): FakeAnswer => ({ status, body });
const json = (value: unknown): FakeAnswer => ({
  status: 200,
  body: JSON.stringify(value, (_key, field: unknown) => (field === null ? undefined : field), 4),
  headers: { 'Content-Type': 'application/json' },
});
const wholeSat = (msat: number): number => Math.floor(msat / 1000);

/** A daemon for tests, after phoenixd's API documentation and its sources; with books of its own, and faults. */
export class FakePhoenixd {
  readonly fullPassword = 'f'.repeat(64);
  readonly limitedPassword = '1'.repeat(64);
  readonly nodeId = `02${randomBytes(32).toString('hex')}`;
  readonly calls: FakeCall[] = [];
  readonly ledger: FakeLedger;
  readonly #lightning: FakeLightning;
  readonly #faults: FakeFault[] = [];
  readonly #sockets = new Set<WebSocket>();
  #server: Server | null = null;
  #port = 0;
  chain = 'regtest';
  channels: readonly Readonly<Record<string, unknown>>[] = [
    { state: 'Normal', channelId: 'aa'.repeat(32), balanceSat: 300, inboundLiquiditySat: 50_000, capacitySat: 60_000 },
  ];

  constructor(lightning: FakeLightning, balanceMsat = 0) {
    this.#lightning = lightning;
    this.ledger = new FakeLedger(lightning, balanceMsat);
    this.ledger.onReceived = ({ receivedMsat, paymentHash, externalId }) => {
      const amountSat = wholeSat(receivedMsat);
      this.tell(
        JSON.stringify({ type: 'payment_received', timestamp: lightning.now(), amountSat, paymentHash, externalId }),
      );
    };
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Starts, or starts again on the port it had. */
  async start(): Promise<this> {
    const server = createServer((request, response) => void this.#take(request, response));
    server.keepAliveTimeout = 60_000;
    const front = new WebSocketServer({
      server,
      path: '/websocket',
      verifyClient: ({ req }: { req: IncomingMessage }) => this.#mayListen(req),
    });
    front.on('connection', (socket) => {
      this.connections += 1;
      this.#sockets.add(socket.on('close', () => this.#sockets.delete(socket)));
    });
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
    return this;
  }

  /** Ends at once: every connection breaks, the books stay. */
  async kill(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
      this.dropSockets();
    });
  }

  /** WebSockets since the beginning. */
  connections = 0;

  get listeners(): number {
    return this.#sockets.size;
  }

  dropSockets(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  /** Says something to whoever listens. */
  tell(text: string): void {
    for (const socket of this.#sockets) socket.send(text);
  }

  /** Done when all listeners have taken what was said. */
  async heardAll(): Promise<void> {
    const pongs = [...this.#sockets].map((socket) => new Promise((resolve) => socket.once('pong', resolve).ping()));
    await Promise.all(pongs);
  }

  /** `false` turns listeners away, as a proxy that knows no WebSockets does. */
  takesListeners = true;

  #mayListen({ headers }: IncomingMessage): boolean {
    return this.takesListeners && this.#powerOf(headers.authorization ?? '') !== null;
  }

  /** Takes no new connections; those that are there stay. */
  stopListening(): void {
    this.#server?.close();
    this.#server = null;
  }

  /** For the next call whose path begins so. */
  addFault(fault: FakeFault): void {
    this.#faults.push(fault);
  }

  clearFaults(): void {
    this.#faults.length = 0;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const call: FakeCall = {
      method: request.method ?? '',
      path: request.url ?? '',
      authorization: request.headers.authorization ?? '',
      contentType: request.headers['content-type'] ?? '',
      body: Buffer.concat(chunks).toString('utf8'),
    };
    this.calls.push(call);
    const answer = await this.#answerWithFaults(call);
    if (answer === null) return void response.destroy();
    // phoenixd has no `Date` in its answers.
    response.sendDate = false;
    response.writeHead(answer.status, answer.headers ?? { 'Content-Type': 'text/plain; charset=UTF-8' });
    response.end(answer.body);
  }

  async #answerWithFaults(call: FakeCall): Promise<FakeAnswer | null> {
    const at = this.#faults.findIndex(({ path }) => call.path.startsWith(path));
    const [fault] = at === -1 ? [] : this.#faults.splice(at, 1);
    if (fault?.before !== undefined) return fault.before();
    const answer = await this.#answer(call);
    return fault?.after === undefined ? answer : fault.after(answer);
  }

  async #answer(call: FakeCall): Promise<FakeAnswer> {
    try {
      return await this.#route(call);
    } catch (error) {
      return text(error instanceof BadRequest ? 400 : 500, error instanceof Error ? error.message : '');
    }
  }

  async #route({ method, path, authorization, body }: FakeCall): Promise<FakeAnswer> {
    const power = this.#powerOf(authorization);
    if (power === null) return unauthorized();
    const form = new URLSearchParams(body);
    const [, first = '', second = '', third = ''] = path.split('/');
    switch (`${method} /${first}`) {
      case 'GET /getinfo':
        return json({ ...this.#info(), version: '0.9.1-fake' });
      case 'GET /getbalance':
        return json({ balanceSat: wholeSat(this.ledger.balanceMsat), feeCreditSat: 0 });
      case 'POST /createinvoice':
        return this.#createInvoice(form);
      case 'POST /payinvoice':
        return power === 'full' ? this.#payInvoice(form) : unauthorized();
      case 'GET /payments':
        return this.#payment(second, third);
      default:
        return ['getinfo', 'getbalance', 'createinvoice', 'payinvoice'].includes(first)
          ? text(405, 'Invalid http method (use the correct GET/POST)')
          : text(404, 'Unknown endpoint (check api doc)');
    }
  }

  #powerOf(authorization: string): 'full' | 'limited' | null {
    const [scheme, encoded = ''] = authorization.split(' ');
    const [, password] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
    if (scheme !== 'Basic') return null;
    if (password === this.fullPassword) return 'full';
    return password === this.limitedPassword ? 'limited' : null;
  }

  #info() {
    return { nodeId: this.nodeId, channels: this.channels, chain: this.chain, blockHeight: 1234 };
  }

  #createInvoice(form: URLSearchParams): FakeAnswer {
    const amountSat = optionalLong(form, 'amountSat');
    const description = form.get('description');
    if (description === null) throw new BadRequest('Must provide either a description or descriptionHash');
    if (description.length > 128) {
      throw new BadRequest('Request parameter description is too long (max 128 characters)');
    }
    const record = this.ledger.createInvoice({
      amountMsat: amountSat === null ? null : amountSat * 1000,
      description,
      expirySeconds: optionalLong(form, 'expirySeconds') ?? 3600,
      externalId: form.get('externalId'),
    });
    return json({ amountSat, paymentHash: record.paymentHash, serialized: record.invoice });
  }

  async #payInvoice(form: URLSearchParams): Promise<FakeAnswer> {
    const amountSat = optionalLong(form, 'amountSat');
    const invoice = form.get('invoice');
    if (invoice === null) throw new BadRequest('Request parameter invoice is missing');
    const read = readOwnInvoice(invoice);
    if (!read.ok) throw new BadRequest("Request parameter invoice couldn't be parsed/converted to bolt11invoice");
    if (amountSat === null && read.value.amountMsat === null) {
      throw new BadRequest('Request parameter amountSat is missing');
    }
    const result = await this.ledger.pay(invoice, amountSat === null ? null : amountSat * 1000);
    if ('reason' in result) return json({ paymentHash: read.value.paymentHashHex, reason: result.reason });
    const { paid } = result;
    return json({
      recipientAmountSat: wholeSat(paid.amountMsat),
      routingFeeSat: wholeSat(paid.feesMsat),
      paymentId: paid.id,
      paymentHash: paid.paymentHash,
      paymentPreimage: paid.preimage,
    });
  }

  #payment(kind: string, key: string): FakeAnswer {
    if (kind === 'incoming') return orNotFound(this.ledger.incoming.get(key) ?? null, (one) => this.#showIncoming(one));
    if (kind === 'outgoingbyhash') return orNotFound(this.ledger.byHash(key), showOutgoing);
    if (kind !== 'outgoing') return text(404, 'Unknown endpoint (check api doc)');
    return orNotFound(this.ledger.outgoing.find(({ id }) => id === key) ?? null, showOutgoing);
  }

  #showIncoming(record: IncomingRecord): unknown {
    return {
      type: 'incoming_payment',
      subType: 'lightning',
      paymentHash: record.paymentHash,
      preimage: record.preimage,
      externalId: record.externalId,
      description: record.description,
      invoice: record.invoice,
      isPaid: record.completedAt !== null,
      isExpired: this.#lightning.now() > record.expiresAt,
      requestedSat: record.requestedMsat === null ? null : wholeSat(record.requestedMsat),
      receivedSat: wholeSat(record.receivedMsat),
      fees: record.feesMsat,
      expiresAt: record.expiresAt,
      completedAt: record.completedAt,
      createdAt: record.createdAt,
    };
  }
}

function showOutgoing(record: OutgoingRecord): unknown {
  return {
    type: 'outgoing_payment',
    subType: 'lightning',
    paymentId: record.id,
    paymentHash: record.paymentHash,
    preimage: record.preimage,
    isPaid: record.status === 'succeeded',
    sent: wholeSat(record.amountMsat + record.feesMsat),
    fees: record.feesMsat,
    invoice: record.invoice,
    completedAt: record.completedAt,
    createdAt: record.createdAt,
  };
}

function orNotFound<T>(record: T | null, show: (record: T) => unknown): FakeAnswer {
  return record === null ? text(404, 'Not found') : json(show(record));
}

function unauthorized(): FakeAnswer {
  return text(401, 'Invalid authentication (use basic auth with the http password set in phoenix.conf)');
}

function optionalLong(form: URLSearchParams, name: string): number | null {
  const value = form.get(name);
  if (value === null) return null;
  if (/^-?\d{1,15}$/.test(value)) return Number(value);
  throw new BadRequest(`Request parameter ${name} couldn't be parsed/converted to integer`);
}
