import { once } from 'node:events';
import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A way to LNbits on which replies to payments go astray, after LNbits has given them. */
export interface ReplyHolder {
  readonly url: string;
  onPayment: 'pass the reply on' | 'lose the reply' | 'hold the reply';
  /** Called when a payment has arrived here, before LNbits hears of it. */
  beforePayment: () => void;
  /** Fulfilled when LNbits has answered a payment the next time, wherever that answer goes. */
  nextPayment(): Promise<void>;
  close(): Promise<void>;
}

export async function startReplyHolder(target: string): Promise<ReplyHolder> {
  const waiting: (() => void)[] = [];
  const server = createServer((incoming, outgoing) => {
    const answered = (): ReplyHolder['onPayment'] => {
      for (const tell of waiting.splice(0)) tell();
      return holder.onPayment;
    };
    void passOn(target, incoming, outgoing, { arrived: () => holder.beforePayment(), answered }).catch(() =>
      outgoing.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const holder: ReplyHolder = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    onPayment: 'pass the reply on',
    beforePayment: () => undefined,
    nextPayment: () => new Promise((resolve) => void waiting.push(resolve)),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return holder;
}

async function passOn(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  payment: { readonly arrived: () => void; readonly answered: () => ReplyHolder['onPayment'] },
): Promise<void> {
  const body = await buffer(incoming);
  const isPayment = incoming.method === 'POST' && body.includes('"out":true');
  if (isPayment) payment.arrived();
  const asked = send(target + (incoming.url ?? '/'), { method: incoming.method ?? 'GET', headers: incoming.headers });
  asked.end(body);
  const [reply] = (await once(asked, 'response')) as [IncomingMessage];
  const answer = await buffer(reply);
  const what = isPayment ? payment.answered() : 'pass the reply on';
  if (what === 'lose the reply') outgoing.destroy();
  if (what === 'pass the reply on') outgoing.writeHead(reply.statusCode ?? 502, reply.headers).end(answer);
}
