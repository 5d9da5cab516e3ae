import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TOKEN } from '../http/scene.js';
import { mint } from './priced-server.js';
import { type SceneOptions, setTheScene } from './scene.js';

const forecast = (city: string, more: object = {}) => ({
  server: 'weather',
  tool: 'forecast',
  arguments: { city },
  ...more,
});

describe('the tools of another MCP server', () => {
  it('are listed with their arguments and the prices they announce', async () => {
    const { call, spentMsat } = await setTheScene();
    expect((await call('list_mcp_tools')).data).toEqual({ servers: ['weather'], tools: [], nextOffset: null });
    const { data, text } = await call('list_mcp_tools', { server: 'weather' });
    expect(data['tools']).toMatchObject([
      { server: 'weather', name: 'forecast', priceMsat: 5000, uses: 1, inputSchema: { type: 'object' } },
      { name: 'free', priceMsat: null },
      { name: 'fails', priceMsat: null },
    ]);
    expect(text).toContain('UNTRUSTED');
    expect(spentMsat()).toBe(0);
  });

  it('are paid out of the one budget, and the journal, the ledger and the answer say so', async () => {
    const { url, sold, store, call, spentMsat } = await setTheScene();
    const { data, text, isError } = await call('call_mcp_tool', forecast('Lugano'));
    expect(isError).toBe(false);
    expect(data).toMatchObject({ state: 'answered', status: 200, costMsat: 5000, remainingMsat: 95_000 });
    expect(JSON.parse(String(data['body']))).toEqual({ content: [{ type: 'text', text: 'Sun in Lugano' }] });
    expect(text.split('\n').slice(-2)).toEqual([
      'Cost: 5 sats',
      'Session spending: 5 sats | Remaining budget: 95 sats',
    ]);
    expect([sold.given, spentMsat()]).toEqual([['Lugano'], 5000]);
    expect(store.journal.list()).toMatchObject([
      { state: 'redeemed', outcome: 'charged', origin: new URL(url).origin, url: `${new URL(url).origin}/forecast` },
    ]);
  });

  it('show no secret of a payment to the model, and no payment to the tool before it asked', async () => {
    const { sold, call } = await setTheScene();
    const { data, text } = await call('call_mcp_tool', forecast('Lugano'));
    const [first, second] = sold.metas as Record<string, { preimage?: string; token?: string } | undefined>[];
    expect(first).not.toHaveProperty(['dev.satway/credential']);
    const credential = second?.['dev.satway/credential'];
    expect(credential?.preimage).toMatch(/^[0-9a-f]{64}$/);
    for (const secret of [credential?.preimage ?? '', credential?.token ?? '']) {
      expect(JSON.stringify(data) + text).not.toContain(secret);
    }
  });

  it('put no key of the user before the model that his file gives them, and leave his other headers alone', async () => {
    const key = 'sk-live-51HbQ7c0ffee51HbQ7c0ffee';
    const headers = {
      authorization: `Bearer ${TOKEN}`,
      'X-Api-Key': key,
      accept: 'application/json, text/event-stream',
    };
    const { sold, call } = await setTheScene({ entries: (url) => [{ name: 'weather', kind: 'http', url, headers }] });
    const { data, text } = await call('call_mcp_tool', forecast(`${key} application/json`));
    expect(sold.given).toEqual([`${key} application/json`]);
    expect(text).toContain('Sun in [redacted] application/json');
    expect(JSON.stringify(data) + text).not.toContain(key);
  });

  it('put no secret of a payment before the model, also where they repeat it', async () => {
    const { sold, call } = await setTheScene({ echoes: true });
    const { data, text } = await call('call_mcp_tool', forecast('Lugano'));
    const credential = (sold.metas as Record<string, { preimage: string; token: string } | undefined>[])[1]?.[
      'dev.satway/credential'
    ];
    const status = await call('payment_status', { id: data['callId'] });
    const said = JSON.stringify([data, text, status]);
    expect(said).toContain('Sun in Lugano');
    expect(said).toContain('[redacted]');
    for (const secret of [credential?.preimage ?? 'none', credential?.token ?? 'none']) {
      expect(said).not.toContain(secret);
    }
  });

  it.each([
    { tool: '\ud800', arguments: {} },
    { tool: 'forecast', arguments: { city: 'a\udc00' } },
    { tool: 'forecast', arguments: { 'b\udfff': 1 } },
  ])('are not called with half a character: %j', async (given) => {
    const { call, sold } = await setTheScene();
    const { text, isError } = await call('call_mcp_tool', { server: 'weather', ...given });
    expect([isError, text]).toEqual([true, expect.stringMatching(/^CALL_INVALID: [\s\S]+Nothing was paid/)]);
    const fine = await call('call_mcp_tool', forecast(String.raw`\ud800 😀`));
    expect([fine.isError, sold.given.length]).toEqual([false, 1]);
  });

  it('lose nothing that was paid for when the paid call fails in the protocol: the next one uses it', async () => {
    const { sold, call, spentMsat } = await setTheScene({ refusals: 1 });
    const lost = await call('call_mcp_tool', forecast('Lugano'));
    expect(lost.data).toMatchObject({ state: 'failed', error: { code: 'ANSWER_LOST', fundsMoved: 'yes' } });
    const again = await call('call_mcp_tool', forecast('Lugano'));
    expect(again.data).toMatchObject({ state: 'answered', costMsat: 0, paidBy: 'recovered' });
    expect([sold.given, spentMsat()]).toEqual([['Lugano'], 5000]);
  });

  it('cost nothing where they ask for nothing, and their errors are theirs', async () => {
    const { call, spentMsat } = await setTheScene();
    const free = await call('call_mcp_tool', { server: 'weather', tool: 'free' });
    expect(JSON.parse(String(free.data['body']))).toMatchObject({ structuredContent: { cost: 0 } });
    const fails = await call('call_mcp_tool', { server: 'weather', tool: 'fails' });
    expect(JSON.parse(String(fails.data['body']))).toMatchObject({
      isError: true,
      content: [{ text: 'out of order' }],
    });
    const none = await call('call_mcp_tool', { server: 'weather', tool: 'nowhere' });
    expect(JSON.parse(String(none.data['body']))).toMatchObject({ isError: true });
    const wrong = await call('call_mcp_tool', { server: 'weather', tool: 'forecast', arguments: { city: 7 } });
    expect(String(wrong.data['body'])).toContain('city');
    expect(spentMsat()).toBe(0);
  });

  it('are refused where no such server is configured', async () => {
    const { call } = await setTheScene();
    for (const name of ['call_mcp_tool', 'list_mcp_tools']) {
      const given = name === 'call_mcp_tool' ? { server: '__proto__', tool: 'x' } : { server: '__proto__' };
      expect(await call(name, given)).toMatchObject({
        isError: true,
        text: expect.stringContaining('MCP_UPSTREAM_UNKNOWN'),
      });
    }
  });

  it('hold to max_cost_sats and to the budget', async () => {
    const { call, spentMsat } = await setTheScene({ environment: { BUDGET_SATS: '6' } });
    const dear = await call('call_mcp_tool', forecast('a', { max_cost_sats: 4 }));
    expect(dear.data).toMatchObject({ error: { code: 'PRICE_ABOVE_LIMIT' } });
    expect((await call('call_mcp_tool', forecast('b'))).data).toMatchObject({ state: 'answered' });
    expect((await call('call_mcp_tool', forecast('c'))).data).toMatchObject({ error: { code: 'BUDGET_EXHAUSTED' } });
    expect(spentMsat()).toBe(5000);
  });

  it('wait for a person above the threshold', async () => {
    const { url, store, call, spentMsat } = await setTheScene({ environment: { MAX_AUTO_PAY_SATS: '4' } });
    const waiting = await call('call_mcp_tool', forecast('Lugano'));
    expect(waiting.data).toMatchObject({ state: 'waiting_for_approval' });
    const [open] = store.approvals.listPending();
    expect(open).toMatchObject({ url: `${new URL(url).origin}/forecast`, method: 'MCP', amountMsat: 5000 });
    expect(spentMsat()).toBe(0);
    store.approvals.decide(open?.approvalId ?? '', 'yes', 'me');
    const done = await call('payment_status', { id: waiting.data['callId'], wait_seconds: 20 });
    expect(done.data).toMatchObject({ state: 'answered', costMsat: 5000 });
  });
});

describe('a priced tool that lies', () => {
  it.each<[string, NonNullable<SceneOptions['lie']>]>([
    ['names a lower price than its invoice', () => ({ amountMsat: 1000 })],
    ['names a higher price than its invoice', () => ({ amountMsat: 9000 })],
    ['asks for another tool', () => ({ resource: toolOf('acme/weather', 'other') })],
    ['asks for nothing that is a tool', () => ({ resource: 'https://evil.example' })],
    ['asks for other arguments', () => ({ argsDigestHex: 'ab'.repeat(32) })],
    ['brings a token of another payment', () => ({ token: mint('cd'.repeat(32), 5000) })],
    ['brings a text that is no invoice', () => ({ invoice: 'lnbcrt1nothing' })],
  ])('is paid nothing when it %s', async (_, lie) => {
    const { sold, call, spentMsat } = await setTheScene({ lie });
    const { data } = await call('call_mcp_tool', forecast('Lugano'));
    expect(data).toMatchObject({ state: 'failed', costMsat: 0, error: { fundsMoved: 'no' } });
    expect([sold.given, spentMsat()]).toEqual([[], 0]);
  });

  const toolOf = (server: string, tool: string) => `mcp://${encodeURIComponent(server)}/${tool}`;
});

describe('the door to tools', () => {
  it('is not that of APIs: neither a URL nor a redirect of a seller calls a tool', async () => {
    const { sold, url, call } = await setTheScene();
    const api = createServer((_, response) => response.writeHead(307, { location: 'mcp://weather/forecast' }).end());
    await once(api.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void api.close());
    const redirecting = `http://127.0.0.1:${(api.address() as AddressInfo).port}/`;
    for (const address of ['mcp://weather/forecast', redirecting, `${new URL(url).origin}/forecast`]) {
      await call('call_api', { url: address, method: 'POST', body: { city: 'Lugano' } });
    }
    expect(sold.metas).toEqual([]);
  });

  it('starts a server that talks over its standard streams with none of our secrets, and again when it has ended', async () => {
    process.env['LND_MACAROON'] = 'a-secret-of-ours';
    onTestFinished(() => void delete process.env['LND_MACAROON']);
    const program = new URL('./stdio-server.mjs', import.meta.url).pathname;
    const { call } = await setTheScene({
      entries: () => [
        { name: 'local', kind: 'stdio', command: process.execPath, args: [program], env: { GIVEN: 'yes' }, cwd: null },
      ],
    });
    const environment = async () => {
      const { data } = await call('call_mcp_tool', { server: 'local', tool: 'environment' });
      return JSON.parse(
        (JSON.parse(String(data['body'])) as { content: { text: string }[] }).content[0]?.text ?? '{}',
      ) as Record<string, string>;
    };
    const first = await environment();
    expect(first).toMatchObject({ GIVEN: 'yes' });
    expect(JSON.stringify(first)).not.toContain('a-secret-of-ours');
    expect((await call('call_mcp_tool', { server: 'local', tool: 'end' })).data).toMatchObject({
      error: { code: 'MCP_UPSTREAM_BROKEN', fundsMoved: 'no' },
    });
    expect((await environment())['PID']).not.toBe(first['PID']);
  });

  it('says so when a server cannot be reached; nothing is paid', async () => {
    const { call } = await setTheScene({
      entries: () => [
        { name: 'gone', kind: 'http', url: 'http://127.0.0.1:9/mcp', headers: {} },
        { name: 'none', kind: 'stdio', command: '/nonexistent', args: [], env: {}, cwd: null },
      ],
    });
    for (const server of ['gone', 'none']) {
      expect((await call('list_mcp_tools', { server })).text).toContain('MCP_UPSTREAM_UNREACHABLE');
      expect((await call('call_mcp_tool', { server, tool: 'x' })).data).toMatchObject({
        error: { code: 'MCP_UPSTREAM_UNREACHABLE', fundsMoved: 'no' },
      });
    }
  });
});
