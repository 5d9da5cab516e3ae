import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { SatwayError } from '@satway/base';
import type { Approval, ApprovalDecision, PurchaseStore } from '@satway/client';
import { serveRequests } from '../../http/node-answers.js';
import { readBody } from '../../http/read-body.js';
import { isSameSecret } from '../../http/same-secret.js';
import { SECURITY_HEADERS } from '../../http/security-headers.js';
import { messagePage, questionPage } from './html.js';

const MAX_FORM_BYTES = 4096;
/** Room for the questions of all processes that share a store, and for those that are just over. */
const MAX_ADDRESSES = 64;
const COOKIE = 'satway_approval';

/** A connection that is slow to say what it wants makes room for others. */
const LIMITS = {
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 1000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 8192,
  // A request without Host is refused here, with our headers.
  requireHostHeader: false,
};

/** A page on 127.0.0.1 on which a person decides about one purchase. */
export interface ApprovalPage {
  /**
   * An address for this question, for the person's eyes only: whoever has it can approve. It opens in one browser, takes one answer, and ends with the question.
   *
   * @throws {SatwayError} `APPROVALS_FULL` when too many were given out. Rejects when no port can be had.
   */
  addressFor(approval: Approval): Promise<string>;
  close(): Promise<void>;
}

/** One address that was given out. */
interface Entry {
  readonly approvalId: string;
  readonly token: string;
  readonly csrfToken: string;
  /** Known to the first browser that opened the address; no other gets in. */
  readonly cookie: string;
  opened: boolean;
}

interface Parts {
  readonly store: Pick<PurchaseStore, 'approvals'>;
  readonly entries: Map<string, Entry>;
}

export function openApprovalPage({ store }: Pick<Parts, 'store'>): ApprovalPage {
  const parts: Parts = { store, entries: new Map() };
  let listening: Promise<Server> | null = null;
  return {
    async addressFor(approval) {
      forgetOver(parts);
      if (parts.entries.size >= MAX_ADDRESSES) throw new SatwayError('APPROVALS_FULL');
      listening ??= listen(parts);
      const server = await listening;
      const entry = newEntry(approval);
      parts.entries.set(entry.token, entry);
      return `http://127.0.0.1:${portOf(server)}/approve/${entry.token}`;
    },
    async close() {
      const server = await listening?.catch(() => null);
      server?.closeAllConnections();
      server?.close();
      parts.entries.clear();
    },
  };
}

function newEntry({ approvalId }: Approval): Entry {
  const secret = () => randomBytes(32).toString('base64url');
  return { approvalId, token: secret(), csrfToken: secret(), cookie: secret(), opened: false };
}

function forgetOver({ store, entries }: Parts): void {
  for (const [token, { approvalId }] of entries) {
    if (store.approvals.get(approvalId)?.state !== 'pending') entries.delete(token);
  }
}

async function listen(parts: Parts): Promise<Server> {
  const server = createServer(LIMITS);
  serveRequests(server, (request, response) => {
    answer(parts, portOf(server), request, response).catch(() => response.destroy());
  });
  server.maxConnections = 32;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A question that waits keeps the process alive by itself.
  server.unref();
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function answer(parts: Parts, port: number, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const host = `127.0.0.1:${port}`;
  // Another name for this address is somebody's DNS that points here.
  if (request.headers.host !== host) return say(response, 403, 'Not here');
  const entry = entryOf(parts, request);
  const approval = entry === null ? null : parts.store.approvals.get(entry.approvalId);
  if (entry === null || approval === null) return say(response, 404, 'There is nothing here');
  if (approval.state !== 'pending') return say(response, 410, 'This is over');
  if (request.method === 'GET') return show(entry, approval, request, response);
  if (request.method === 'POST') return take(parts, entry, host, request, response);
  response.setHeader('Allow', 'GET, POST');
  return say(response, 405, 'Not so');
}

function entryOf({ entries }: Parts, { url = '' }: IncomingMessage): Entry | null {
  const token = /^\/approve\/([\w-]{43})$/.exec(url)?.[1];
  return token === undefined ? null : (entries.get(token) ?? null);
}

function hasCookie({ headers }: IncomingMessage, { cookie }: Entry): boolean {
  const given = /(?:^|;\s*)satway_approval=([\w-]+)/.exec(headers.cookie ?? '')?.[1];
  return given !== undefined && isSameSecret(given, cookie);
}

function show(entry: Entry, approval: Approval, request: IncomingMessage, response: ServerResponse): void {
  if (entry.opened && !hasCookie(request, entry)) return say(response, 410, 'This was opened in another browser');
  entry.opened = true;
  const nonce = randomBytes(16).toString('base64');
  response.setHeader(
    'Set-Cookie',
    `${COOKIE}=${entry.cookie}; HttpOnly; SameSite=Strict; Path=/approve/${entry.token}`,
  );
  send(response, 200, questionPage(approval, { csrfToken: entry.csrfToken, nonce }), nonce);
}

async function take(
  { store, entries }: Parts,
  entry: Entry,
  host: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isFromOwnPage(request, host) || !hasCookie(request, entry)) return say(response, 403, 'Not from here');
  if (request.headers.expect !== undefined) response.writeContinue();
  const body = await readBody(request, MAX_FORM_BYTES);
  if (body === null) return say(response, 413, 'Too long');
  const form = new URLSearchParams(body.toString('utf8'));
  if (!isSameSecret(form.get('csrf') ?? '', entry.csrfToken)) return say(response, 403, 'Not from here');
  const decision = readDecision(form);
  if (decision === null) return say(response, 400, 'Neither yes nor no');
  entries.delete(entry.token);
  const decided = store.approvals.decide(entry.approvalId, decision, 'the page on 127.0.0.1');
  if (!decided.ok) return say(response, 410, 'This is over');
  return say(response, 200, decision === 'yes' ? 'Approved' : 'Denied');
}

/** A form that another page sends names that page as its origin. */
function isFromOwnPage({ headers }: IncomingMessage, host: string): boolean {
  const site = headers['sec-fetch-site'];
  return headers.origin === `http://${host}` && (site === undefined || site === 'same-origin');
}

function readDecision(form: URLSearchParams): ApprovalDecision | null {
  const [decision, ...more] = form.getAll('decision');
  return more.length === 0 && (decision === 'yes' || decision === 'no') ? decision : null;
}

function say(response: ServerResponse, status: number, message: string): void {
  const nonce = randomBytes(16).toString('base64');
  send(response, status, messagePage(message, nonce), nonce);
}

function send(response: ServerResponse, status: number, html: string, nonce: string): void {
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    'Content-Security-Policy': policy,
    'Content-Type': 'text/html; charset=utf-8',
    // Tells other sites nothing, and leaves the form its origin.
    'Referrer-Policy': 'same-origin',
    Connection: 'close',
  });
  response.end(html);
}
