import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEgress, type Egress, type ExchangeRequest } from '@satway/egress';
import { onTestFinished } from 'vitest';

/** A server of this test. @returns its address. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A door of this test to this machine. */
export function openDoor(): Egress {
  const egress = createEgress({ allowHosts: ['127.0.0.1'] });
  onTestFinished(() => egress.close());
  return egress;
}

export const get = (url: string, more: Partial<ExchangeRequest> = {}): ExchangeRequest => ({
  method: 'GET',
  url,
  deadlineMs: 10_000,
  maxBodyBytes: 1_000_000,
  ...more,
});
