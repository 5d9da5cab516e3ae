import { once } from 'node:events';
import { type NostrEvent, signEvent } from '../../../packages/wallets/src/nwc/nostr/event.js';
import { newNostrKey } from '../../../packages/wallets/src/nwc/nostr/index.js';
import { WebSocket } from 'ws';

/** Somebody else on the relay, who answers every request before the wallet can. */
export interface Intruder {
  /** What the relay said to the events: accepted or not. */
  readonly verdicts: readonly boolean[];
  close(): void;
}

/** Forgeries of one answer: by the intruder's own key, and in the wallet's name. */
function forgeriesOf(request: NostrEvent, walletPubkeyHex: string): NostrEvent[] {
  const own = newNostrKey();
  const draft = {
    kind: 23_195,
    createdAtSeconds: Math.floor(Date.now() / 1000),
    tags: [
      ['p', request.pubkey],
      ['e', request.id],
    ],
    content: 'not sealed by the wallet',
  };
  const named = signEvent({ ...draft, createdAtSeconds: draft.createdAtSeconds + 1 }, own);
  return [signEvent(draft, own), { ...named, pubkey: walletPubkeyHex }];
}

export async function startIntruder(relayUrl: string, walletPubkeyHex: string): Promise<Intruder> {
  const socket = new WebSocket(relayUrl);
  const verdicts: boolean[] = [];
  await once(socket, 'open');
  socket.on('message', (data) => {
    const message = JSON.parse((data as Buffer).toString()) as [string, string, NostrEvent | boolean];
    if (message[0] === 'OK') verdicts.push(message[2] === true);
    if (message[0] !== 'EVENT') return;
    for (const forged of forgeriesOf(message[2] as NostrEvent, walletPubkeyHex)) {
      socket.send(JSON.stringify(['EVENT', forged]));
    }
  });
  socket.send(JSON.stringify(['REQ', 'all', { kinds: [23_194] }]));
  return { verdicts, close: () => socket.terminate() };
}
