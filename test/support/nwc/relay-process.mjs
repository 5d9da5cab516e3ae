// A Nostr relay in a process of its own: the relay of a registry on a WebSocket server, with its events in memory. Tells its parent
// `{ port }`, then `{ connected: n }` with each new connection; takes `{ cutRequesters: true }`, which drops every connection that has sent a
// wallet request. Ends with its parent.
import { createServer } from 'node:http';
import { EventRepository, LogLevel } from '@nostr-relay/common';
import { NostrRelay } from '@nostr-relay/core';
import { WebSocketServer } from 'ws';

const REQUEST_KIND = 23_194;

/** Stored events: of a replaceable kind the newest of each author. */
class MemoryRepository extends EventRepository {
  #events = new Map();

  isSearchSupported() {
    return false;
  }

  upsert(event) {
    const isReplaceable = event.kind >= 10_000 && event.kind < 20_000;
    const key = isReplaceable ? `${event.kind}:${event.pubkey}` : event.id;
    const known = this.#events.get(key);
    if (known !== undefined && known.created_at > event.created_at) return { isDuplicate: true };
    this.#events.set(key, event);
    return { isDuplicate: known?.id === event.id };
  }

  find(filter) {
    const found = [...this.#events.values()].filter((event) => matches(filter, event));
    return found.sort((a, b) => b.created_at - a.created_at).slice(0, filter.limit ?? 100);
  }

  async destroy() {
    this.#events.clear();
  }
}

function matches(filter, event) {
  const has = (wanted, value) => wanted === undefined || wanted.includes(value);
  const tagged = Object.entries(filter)
    .filter(([name]) => name.startsWith('#'))
    .every(([name, wanted]) => event.tags.some((tag) => tag[0] === name.slice(1) && wanted.includes(tag[1])));
  const inTime = (filter.since ?? 0) <= event.created_at && event.created_at <= (filter.until ?? Infinity);
  return (
    has(filter.ids, event.id) && has(filter.kinds, event.kind) && has(filter.authors, event.pubkey) && tagged && inTime
  );
}

const relay = new NostrRelay(new MemoryRepository(), { logLevel: LogLevel.ERROR, filterResultCacheTtl: 0 });
const requesters = new Set();
let connections = 0;

const server = createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  relay.handleConnection(socket);
  connections += 1;
  process.send?.({ connected: connections });
  socket.on('message', (data) => {
    const message = JSON.parse(Buffer.from(data).toString());
    if (message[0] === 'EVENT' && message[1].kind === REQUEST_KIND) requesters.add(socket);
    void relay.handleMessage(socket, message);
  });
  socket.on('close', () => {
    requesters.delete(socket);
    relay.handleDisconnect(socket);
  });
  socket.on('error', () => undefined);
});

process.on('message', ({ cutRequesters }) => {
  if (cutRequesters) for (const socket of requesters) socket.terminate();
});
process.on('disconnect', () => process.exit(0));

const port = Number(process.env['RELAY_PORT'] ?? 0);
server.listen(port, '127.0.0.1', () => process.send?.({ port: server.address().port }));
