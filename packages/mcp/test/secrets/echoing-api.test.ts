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

  it('puts none there by what it says of itself afterwards, nor more words than a host takes', async () => {
    const scene = await setTheScene();
    const shown: string[] = [];
    const url = await sellingApi({
      issuer: scene.issuer,
      onPaid({ headers }, response) {
        shown.push(...(headers.authorization?.slice('L402 '.length).split(':') ?? []));
        response.writeHead(200).end('ok');
      },
      document: () => ({
        name: shown[0],
        description: shown.join(' '),
        endpoints: Array.from({ length: 200 }, (_, index) => ({
          path: `/${index}/${shown[1]}`,
          description: '\u0001'.repeat(500),
        })),
      }),
    });
    await scene.call('call_api', { url: `${url}/a` });
    const { data, text } = await scene.call('get_api_details', { url });
    const said = JSON.stringify([data, text]);
    expect(shown).toHaveLength(2);
    for (const secret of shown) expect(said).not.toContain(secret);
    expect(text).toContain('[redacted]');
    const operations = data['operations'] as unknown[];
    expect(data['omitted']).toBe(200 - operations.length);
    expect(JSON.stringify(operations).length).toBeLessThan(100_000);
    expect(operations.length).toBeGreaterThan(5);
  });

  it('gives an answer away to nobody but its user where it cannot be searched, and loses none that was paid for', async () => {
    const scene = await setTheScene();
    const url = await sellingApi({ issuer: scene.issuer, onPaid: (_, response) => void response.end('paid for') });
    const fails = {
      strip: () => {
        throw new RangeError('Maximum call stack size exceeded');
      },
    };
    Object.assign(scene.context.secrets, fails);
    const { data, text } = await scene.call('call_api', { url });
    expect(data).toMatchObject({ state: 'answered', costMsat: 5000, body: null, bodyBytes: 8, error: null });
    const file = String(data['file']);
    expect(readFileSync(file, 'utf8')).toBe('paid for');
    expect(text).toContain(`All of it lies in the file ${file}`);
    const id = String(data['callId']);
    const read = [
      await scene.client.readResource({ uri: `satway://answers/${id}` }),
      await scene.call('read_answer', { call_id: id }),
    ];
    const said = JSON.stringify([data, text, read]);
    expect(said).toContain(`lies in the file ${file}`);
    expect(said).not.toContain('paid for');
    expect(said).not.toContain(Buffer.from('paid for').toString('base64'));
  });

  it('is paid once for a text of millions of hex digits, and it is kept', async () => {
    const scene = await setTheScene();
    const body = 'a1'.repeat(4_500_000);
    const url = await sellingApi({ issuer: scene.issuer, onPaid: (_, response) => void response.end(body) });
    const { data } = await scene.call('call_api', { url });
    expect(data).toMatchObject({ state: 'answered', costMsat: 5000, bodyBytes: body.length });
    expect(readFileSync(String(data['file']), 'utf8') === body).toBe(true);
    expect(scene.spentMsat()).toBe(5000);
  });
});
