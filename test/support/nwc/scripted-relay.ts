import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  type Conversation,
  type Encryption,
  newNostrKey,
  type NostrEvent,
  type NostrKey,
  openConversation,
  signEvent,
  tagOf,
} from '../../../packages/wallets/src/nwc/nostr/index.js';

/** A request of the client under test, opened with the wallet's key. */
export interface OpenedRequest {
  readonly event: NostrEvent;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly encryption: Encryption;
}

/** What a test may change of an answer. */
export interface AnswerChanges {
  /** Who signs it. */
  readonly author?: NostrKey;
  readonly kind?: number;
  readonly tags?: readonly (readonly string[])[];
  /** The content as it goes out, in place of the sealed text. */
  readonly content?: string;
  readonly createdAtSeconds?: number;
}

/** Where the script of a test answers: the connection that brought the request. */
export interface Answering {
  /** An answer as the wallet would give it, or changed. */
  readonly event: (body: unknown, changes?: AnswerChanges) => NostrEvent;
  /** Sends an event under the subscription for this request. */
  readonly send: (event: NostrEvent) => void;
  /** `send(event(…))`. */
  readonly answer: (body: unknown, changes?: AnswerChanges) => void;
  readonly raw: (text: string) => void;
  readonly socket: WebSocket;
}

/** What a scripted relay says and keeps. */
export interface RelayScript {
  /** Of the info event; `null` for none. */
  readonly info?: { readonly content?: string; readonly tags?: readonly (readonly string[])[] } | null;
  readonly onRequest?: (request: OpenedRequest, answering: Answering) => void;
  readonly onConnection?: (socket: WebSocket) => void;
  /** What it says to an event; `true` where left out. */
  readonly accepts?: (event: NostrEvent) => string | true;
  /** What it says to a subscription; `true` where left out. */
  readonly serves?: (filter: Readonly<Record<string, unknown>>) => string | true;
  /** It serves only those who have said who they are (NIP-42), and takes it or not. */
  readonly wantsAuth?: { readonly takes: boolean };
  /** Answers are kept and told to whoever subscribes later. */
  readonly keepsAnswers?: boolean;
}

/** The two parties of a connection. */
export interface Parties {
  readonly wallet: NostrKey;
  readonly client: ReturnType<typeof newNostrKey>;
}

/** A relay and the wallet behind it in one, which say what a test tells them to. */
export interface ScriptedRelay {
  readonly url: string;
  readonly uri: string;
  readonly parties: Parties;
  /** Every request that came, repeated ones as well. */
  readonly requests: OpenedRequest[];
  readonly filters: Readonly<Record<string, unknown>>[];
  readonly connections: () => number;
  /** How many subscriptions stood at one time, at most. */
  readonly mostSubscriptions: () => number;
  /** Sends an event of the wallet to every subscription that there is. */
  readonly broadcast: (event: NostrEvent) => void;
  readonly seal: (body: unknown, encryption?: Encryption) => string;
  readonly cut: () => void;
  close(): Promise<void>;
}

const METHODS = 'pay_invoice get_balance make_invoice lookup_invoice get_info';

export const newParties = (): Parties => ({ wallet: newNostrKey(), client: newNostrKey() });

/** Writes a connection URI over these relays. */
export function uriOf({ wallet, client }: Parties, relayUrls: readonly string[]): string {
  const relays = relayUrls.map((url) => `relay=${encodeURIComponent(url)}`).join('&');
  return `nostr+walletconnect://${wallet.pubkeyHex}?${relays}&secret=${client.secretHex}`;
}

/** @param parties - shared by the relays of one connection. */
export async function startScriptedRelay(script: RelayScript, parties = newParties()): Promise<ScriptedRelay> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const conversation = openConversation(parties.wallet, parties.client.pubkeyHex);
  if (conversation === null) throw new Error('the keys of the test are none');
  const state: State = {
    url,
    script,
    parties,
    conversation,
    requests: [],
    filters: [],
    kept: [],
    known: new Set(),
    subscriptions: new Map(),
    most: 0,
  };
  let connections = 0;
  server.on('connection', (socket) => {
    connections += 1;
    serve(socket, state);
  });
  return {
    url,
    uri: uriOf(parties, [url]),
    parties,
    requests: state.requests,
    filters: state.filters,
    connections: () => connections,
    mostSubscriptions: () => state.most,
    broadcast: (event) => {
      for (const [id, { socket }] of state.subscriptions) socket.send(JSON.stringify(['EVENT', id, event]));
    },
    seal: (body, encryption = 'nip44_v2') => conversation.seal(JSON.stringify(body), encryption) ?? '',
    cut: () => server.clients.forEach((socket) => socket.terminate()),
    close: async () => {
      server.clients.forEach((socket) => socket.terminate());
      server.close();
      await once(server, 'close');
    },
  };
}

interface State {
  readonly url: string;
  readonly script: RelayScript;
  readonly parties: Parties;
  readonly conversation: Conversation;
  readonly requests: OpenedRequest[];
  readonly filters: Readonly<Record<string, unknown>>[];
  readonly kept: NostrEvent[];
  readonly known: Set<WebSocket>;
  readonly subscriptions: Map<string, { socket: WebSocket; requestIds: readonly string[] }>;
  most: number;
}

function serve(socket: WebSocket, state: State): void {
  state.script.onConnection?.(socket);
  if (state.script.wantsAuth !== undefined) socket.send(JSON.stringify(['AUTH', CHALLENGE]));
  socket.on('error', () => undefined);
  socket.on('close', () => {
    for (const [id, subscription] of state.subscriptions)
      if (subscription.socket === socket) state.subscriptions.delete(id);
  });
  socket.on('message', (data) => {
    const [name, first, second] = JSON.parse((data as Buffer).toString()) as [string, unknown, unknown];
    if (name === 'REQ') subscribe(socket, state, String(first), second as Readonly<Record<string, unknown>>);
    else if (name === 'AUTH') authenticate(socket, state, first as NostrEvent);
    else if (name === 'CLOSE') state.subscriptions.delete(String(first));
    else if (name === 'EVENT') receive(socket, state, first as NostrEvent);
  });
}

const CHALLENGE = 'who asks?';

function authenticate(socket: WebSocket, state: State, event: NostrEvent): void {
  const isFit =
    event.kind === 22_242 &&
    event.pubkey === state.parties.client.pubkeyHex &&
    tagOf(event, 'relay')?.[0] === state.url &&
    tagOf(event, 'challenge')?.[0] === CHALLENGE;
  const isTaken = isFit && state.script.wantsAuth?.takes === true;
  if (isTaken) state.known.add(socket);
  socket.send(JSON.stringify(['OK', event.id, isTaken, isTaken ? '' : 'restricted: you are not on the list']));
}

function subscribe(socket: WebSocket, state: State, id: string, filter: Readonly<Record<string, unknown>>): void {
  state.filters.push(filter);
  const isStranger = state.script.wantsAuth !== undefined && !state.known.has(socket);
  const verdict = isStranger ? 'auth-required: say who you are' : (state.script.serves?.(filter) ?? true);
  if (verdict !== true) return socket.send(JSON.stringify(['CLOSED', id, verdict]));
  const requestIds = (filter['#e'] ?? []) as readonly string[];
  state.subscriptions.set(id, { socket, requestIds });
  state.most = Math.max(state.most, state.subscriptions.size);
  const kinds = filter['kinds'] as readonly number[];
  if (kinds.includes(13_194)) sendInfo(socket, state, id);
  for (const event of state.kept) {
    if (kinds.includes(event.kind) && requestIds.includes(tagOf(event, 'e')?.[0] ?? '')) {
      socket.send(JSON.stringify(['EVENT', id, event]));
    }
  }
  return socket.send(JSON.stringify(['EOSE', id]));
}

function sendInfo(socket: WebSocket, { script, parties }: State, id: string): void {
  if (script.info === null) return;
  const { content = METHODS, tags = [['encryption', 'nip44_v2 nip04']] } = script.info ?? {};
  const event = signEvent({ kind: 13_194, createdAtSeconds: now(), tags, content }, parties.wallet);
  socket.send(JSON.stringify(['EVENT', id, event]));
}

function receive(socket: WebSocket, state: State, event: NostrEvent): void {
  const verdict = state.script.accepts?.(event) ?? true;
  socket.send(JSON.stringify(['OK', event.id, verdict === true, verdict === true ? '' : verdict]));
  const encryption = (tagOf(event, 'encryption')?.[0] ?? 'nip04') as Encryption;
  const text = state.conversation.open(event.content, encryption);
  const { method, params } = JSON.parse(text ?? '{}') as Pick<OpenedRequest, 'method' | 'params'>;
  const request = { event, method, params, encryption };
  state.requests.push(request);
  state.script.onRequest?.(request, answeringOf(socket, state, request));
}

function answeringOf(socket: WebSocket, state: State, request: OpenedRequest): Answering {
  const make = (body: unknown, changes: AnswerChanges = {}): NostrEvent => {
    const sealed = state.conversation.seal(JSON.stringify(body), request.encryption) ?? '';
    const tags = [
      ['p', state.parties.client.pubkeyHex],
      ['e', request.event.id],
    ];
    const { author = state.parties.wallet, kind = 23_195, content = sealed, createdAtSeconds = now() } = changes;
    return signEvent({ kind, tags: changes.tags ?? tags, content, createdAtSeconds }, author);
  };
  const send = (event: NostrEvent): void => {
    if (state.script.keepsAnswers === true) state.kept.push(event);
    for (const [id, subscription] of state.subscriptions) {
      if (subscription.requestIds.includes(request.event.id)) {
        subscription.socket.send(JSON.stringify(['EVENT', id, event]));
      }
    }
  };
  return {
    event: make,
    send,
    answer: (body, changes) => send(make(body, changes)),
    raw: (text) => socket.send(text),
    socket,
  };
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
