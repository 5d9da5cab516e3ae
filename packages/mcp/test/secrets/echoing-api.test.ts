import { readFileSync } from 'node:fs';
import type { PaymentOutcome } from '@satway/wallets';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeApproval, openApprovalDesk } from '../../src/approval/index.js';
import { connectAgent, type Elicit, setTheScene } from '../proxy/scene.js';
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

  it.each([
    ['unknown', 'payment_unknown', (words: string): PaymentOutcome => ({ state: 'unknown', detail: words })],
    [
      'failed',
      'payment_failed',
      (words: string): PaymentOutcome => ({ state: 'failed', reason: 'no_route', detail: words }),
    ],
  ])('brings none by way of a wallet’s words into a line, a list or an error: %s', async (state, event, outcomeOf) => {
    const lines: string[] = [];
    let preimage = '';
    const scene = await setTheScene({
      tell: (line) => void lines.push(line),
      wallet: (payer) => ({
        ...payer,
        pay: (request) =>
          preimage === '' ? payer.pay(request) : Promise.resolve(outcomeOf(`paid before with ${preimage}`)),
      }),
    });
    const url = await sellingApi({
      issuer: scene.issuer,
      onPaid({ headers }, response) {
        preimage = headers.authorization?.slice(-64) ?? '';
        response.end('ok');
      },
    });
    await scene.call('call_api', { url: `${url}/a` });
    const told = await scene.call('call_api', { url: `${url}/b` });
    expect(preimage).toMatch(/^[0-9a-f]{64}$/);
    const [line] = lines
      .map((each) => JSON.parse(each) as Record<string, unknown>)
      .filter((each) => each['event'] === event);
    expect(line?.[state === 'failed' ? 'reason' : 'detail']).toContain('paid before with [redacted]');
    const paymentHashHex = scene.store.journal.list(1)[0]?.paymentHashHex ?? '';
    const said = [
      told,
      await scene.call('payment_status', { id: paymentHashHex }),
      await scene.call('list_payments'),
      (await scene.client.readResource({ uri: 'satway://ledger' })).contents,
    ];
    expect(JSON.stringify([lines, said])).not.toContain(preimage);
    if (state === 'failed') expect(JSON.stringify(said[2])).toContain('paid before with [redacted]');
  });

  describe('in the words of its next offer, its next redirect, and of what became of the money', () => {
    /** A seller who was paid once, and has said in its answer's head what it was sent. */
    async function paidOnce() {
      const lines: string[] = [];
      const scene = await setTheScene({
        environment: { MAX_AUTO_PAY_SATS: '6' },
        tell: (line) => void lines.push(line),
      });
      let sent = '';
      const secrets = () => sent.slice('L402 '.length).split(':');
      const url = await sellingApi({
        issuer: scene.issuer,
        onPaid({ headers }, response) {
          sent = headers.authorization ?? '';
          response.writeHead(200, { 'x-payment-outcome': sent, 'x-payment-code': sent.slice(-64) }).end('ok');
        },
        offer: (path) => ({
          amountMsat: path.startsWith('/dear') ? 9000 : 5000,
          description: sent === '' ? 'x' : `for ${secrets()[1]} or ${secrets()[0]?.slice(0, 400)}`,
        }),
        leadsTo: (path) => (path === '/leads' ? `/dear?${sent.slice('L402 '.length)}` : null),
      });
      await scene.call('call_api', { url: `${url}/a` });
      const [macaroon = '', preimage = ''] = secrets();
      expect(preimage).toMatch(/^[0-9a-f]{64}$/);
      return {
        scene,
        url,
        lines,
        secrets: [preimage, encodeURIComponent(preimage), macaroon, encodeURIComponent(macaroon)],
      };
    }

    it('puts none before the model: not in a price, a receipt, a ledger or a list', async () => {
      const { scene, url, secrets, lines } = await paidOnce();
      const read = async (name: string) => {
        const { contents } = await scene.client.readResource({ uri: `satway://${name}` });
        return contents.map((content) => ('text' in content ? content.text : '')).join('');
      };
      // One more purchase, whose invoice says it; then its receipt.
      await scene.call('call_api', { url: `${url}/b` });
      const prices = [
        await scene.call('preview_cost', { url: `${url}/c` }),
        await scene.call('preview_cost', { url: `${url}/leads` }),
      ];
      const receipts = await read('receipts');
      const said = [
        prices,
        receipts,
        await read('ledger'),
        await read('budget'),
        await scene.call('list_payments'),
        lines,
      ];
      expect(prices[0]?.data['description']).toContain('for [redacted] or');
      expect(prices[1]?.data).toMatchObject({ asksForPayment: true, url: `${url}/dear?[redacted]:[redacted]` });
      expect((JSON.parse(receipts) as { receipts: object[] }).receipts).toMatchObject([
        { description: expect.stringContaining('for [redacted] or'), outcome: 'other' },
        { description: 'x', outcome: 'other' },
      ]);
      for (const secret of secrets) expect(JSON.stringify(said)).not.toContain(secret);
    });

    it.each(['dear', 'leads'])(
      'puts none into a question to a person, wherever it is shown or kept: /%s',
      async (path) => {
        const { scene, url, secrets } = await paidOnce();
        const forms: string[] = [];
        const elicit: Elicit = async ({ message }) => {
          forms.push(message);
          return new Promise(() => undefined);
        };
        const { call } = await connectAgent(scene.agentUrl, { elicit });
        void call('call_api', { url: `${url}/${path}` }).catch(() => undefined);
        await expect.poll(() => forms.length, { timeout: 20_000 }).toBe(1);
        const [approval] = scene.store.approvals.listPending();
        if (approval === undefined) return expect.fail('Nobody is asked.');
        expect(approval).toMatchObject({ amountMsat: 9000, description: expect.stringContaining('for [redacted] or') });
        const pages: string[] = [];
        const desk = openApprovalDesk({ store: scene.store, page: true, tell: (line) => void pages.push(line) });
        onTestFinished(() => desk.close());
        desk.announce(approval);
        await expect.poll(() => pages.length, { timeout: 20_000 }).toBe(2);
        const address = /http:\S+/.exec(pages[1] ?? '')?.[0] ?? '';
        const said = [forms, approval, describeApproval(approval), await (await fetch(address)).text()];
        for (const secret of secrets) expect(JSON.stringify(said)).not.toContain(secret);
        expect(forms[0]).toContain('for [redacted] or');
        // The yes to what was shown pays for what was asked, once.
        scene.store.approvals.decide(approval.approvalId, 'yes', 'me');
        await expect.poll(() => scene.spentMsat(), { timeout: 20_000 }).toBe(14_000);
        expect(scene.store.approvals.get(approval.approvalId)).toMatchObject({ state: 'used' });
      },
    );
  });
});
