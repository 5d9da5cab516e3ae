import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { mint } from '../proxy/priced-server.js';
import { setTheScene } from '../proxy/scene.js';

type Scene = Awaited<ReturnType<typeof setTheScene>>;

/** A paid API that answers with the headers it was sent, and leads there by a redirect that has them too. */
async function echoingApi({ issuer }: Scene) {
  const shown: string[] = [];
  const server = createServer(async ({ headers, url = '' }, response) => {
    const proof = headers.authorization;
    if (proof === undefined) {
      const { invoice, paymentHashHex } = await issuer.create({
        amountMsat: 5000,
        description: 'x',
        expirySeconds: 600,
      });
      const challenge = `L402 macaroon="${mint(paymentHashHex, 5000)}", invoice="${invoice}"`;
      return void response.writeHead(402, { 'www-authenticate': challenge }).end('{}');
    }
    shown.push(...proof.slice('L402 '.length).split(':'));
    if (url === '/leads') return void response.writeHead(303, { location: `/led?${proof.slice(5)}` }).end();
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ headers, more: 'x'.repeat(3000) }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, shown };
}

describe('a paid API that repeats the request', () => {
  it('puts no proof of payment before the model: not by a tool, a resource or a file', async () => {
    const scene = await setTheScene({ environment: { SATWAY_MAX_SHOWN_CHARS: '500' } });
    const { url, shown } = await echoingApi(scene);
    const bought = await scene.call('call_api', { url: `${url}/echo` });
    const id = String(bought.data['callId']);
    const said = [
      bought,
      await scene.call('payment_status', { id }),
      await scene.call('read_answer', { call_id: id, length: 10_000 }),
      await scene.client.readResource({ uri: `satway://answers/${id}` }),
      readFileSync(String(bought.data['file']), 'utf8'),
      await scene.call('call_api', { url: `${url}/leads` }),
    ];
    expect(JSON.stringify(said)).toContain('[redacted]');
    expect(shown.length).toBeGreaterThanOrEqual(4);
    for (const secret of shown) expect(JSON.stringify(said)).not.toContain(secret);
  });
});
