import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { setTheScene } from '../proxy/scene.js';
import { sellingApi } from '../tools/selling-api.js';

describe('a paid API that repeats the request', () => {
  it('puts no proof of payment before the model: not by a tool, a resource, a redirect or a file', async () => {
    const scene = await setTheScene({ environment: { SATWAY_MAX_SHOWN_CHARS: '500' } });
    const shown: string[] = [];
    const url = await sellingApi({
      issuer: scene.issuer,
      onPaid({ headers, url: path }, response) {
        const proof = headers.authorization?.slice('L402 '.length) ?? '';
        shown.push(...proof.split(':'));
        if (path === '/leads') return void response.writeHead(303, { location: `/led?${proof}` }).end();
        const body = JSON.stringify({ headers, more: 'x'.repeat(3000) });
        response.writeHead(200, { 'content-type': 'application/json' }).end(body);
      },
    });
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
