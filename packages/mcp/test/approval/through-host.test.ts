import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequestStateCodec } from '@modelcontextprotocol/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectAgent, type Elicit, setTheScene } from '../proxy/scene.js';
import { sellingApi } from '../tools/selling-api.js';

/** A tool for 5 sats, where 4 are paid without asking. */
const scene = (environment: Record<string, string> = {}) =>
  setTheScene({ environment: { MAX_AUTO_PAY_SATS: '4', ...environment } });

const forecast = { server: 'weather', tool: 'forecast', arguments: { city: 'Lugano' } };
const accept: Elicit = async () => ({ action: 'accept', content: { confirm: true } });

/** A form that nobody answers, and when it is there. */
function unanswered(): { elicit: Elicit; shown: Promise<void> } {
  let show: () => void = () => undefined;
  const shown = new Promise<void>((resolve) => (show = resolve));
  return {
    shown,
    elicit: () => {
      show();
      return new Promise(() => undefined);
    },
  };
}

describe.each(['2025', '2026'] as const)('a form of the host, in the protocol of %s', (era) => {
  it('is the yes of one payment', async () => {
    const { agentUrl, store, spentMsat } = await scene();
    const { call } = await connectAgent(agentUrl, { era, elicit: accept });
    expect((await call('call_mcp_tool', forecast)).data).toMatchObject({ state: 'answered', costMsat: 5000 });
    expect(spentMsat()).toBe(5000);
    expect(store.approvals.listPending()).toEqual([]);
  });

  it('is asked anew for each payment', async () => {
    const { agentUrl, spentMsat } = await scene();
    let asked = 0;
    const elicit: Elicit = async () =>
      asked++ === 0 ? { action: 'accept', content: { confirm: true } } : { action: 'decline' };
    const { call } = await connectAgent(agentUrl, { era, elicit });
    await call('call_mcp_tool', forecast);
    const second = await call('call_mcp_tool', { ...forecast, arguments: { city: 'Bern' } });
    expect(second.data).toMatchObject({ error: { code: 'APPROVAL_DENIED' } });
    expect([asked, spentMsat()]).toEqual([2, 5000]);
  });

  it('is no yes when it is declined, and after three of those nobody is asked any more', async () => {
    const { agentUrl, spentMsat } = await scene();
    let asked = 0;
    const elicit: Elicit = async () => {
      asked++;
      return { action: 'decline' };
    };
    const { call } = await connectAgent(agentUrl, { era, elicit });
    const codes = ['APPROVAL_DENIED', 'APPROVAL_DENIED', 'APPROVAL_DENIED', 'APPROVALS_PAUSED'];
    for (const [city, code] of codes.entries()) {
      const { data } = await call('call_mcp_tool', { ...forecast, arguments: { city: String(city) } });
      expect(data).toMatchObject({ state: 'failed', error: { code, fundsMoved: 'no' } });
    }
    expect([asked, spentMsat()]).toEqual([3, 0]);
  });

  it('is shown only to a client that takes forms, also where another client of the same call does', async () => {
    const { agentUrl, store, spentMsat } = await scene({ SATWAY_ANSWER_WITHIN_SECONDS: '1' });
    const { elicit, shown } = unanswered();
    const withForms = await connectAgent(agentUrl, { era, elicit });
    void withForms.call('call_mcp_tool', forecast).catch(() => undefined);
    await shown;
    const without = await connectAgent(agentUrl, { era });
    expect((await without.call('call_mcp_tool', forecast)).data).toMatchObject({ state: 'running', costMsat: 0 });
    const [open] = store.approvals.listPending();
    store.approvals.decide(open?.approvalId ?? '', 'no', 'me');
    expect(spentMsat()).toBe(0);
  });
});

describe('a person who says yes by a form', () => {
  it.each(['call_api', 'buy_credential'])(
    'is heard by %s, also where the directory has failed in between',
    async (tool) => {
      let base = '';
      let isUp = true;
      const directory = createServer((_, response) => {
        if (!isUp) return void response.writeHead(500).end();
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ slug: 'shop', baseUrl: base }));
      });
      await once(directory.listen(0, '127.0.0.1'), 'listening');
      onTestFinished(() => {
        directory.closeAllConnections();
        directory.close();
      });
      const { port } = directory.address() as AddressInfo;
      const { agentUrl, issuer, spentMsat } = await scene({ SATWAY_DIRECTORY: `http://127.0.0.1:${port}` });
      base = await sellingApi({ issuer, onPaid: (_, response) => void response.end('here') });
      const elicit: Elicit = async () => {
        isUp = false;
        return { action: 'accept', content: { confirm: true } };
      };
      const { call } = await connectAgent(agentUrl, { elicit });
      const { data } = await call(tool, { slug: 'shop', path: '/x' });
      expect(data).toMatchObject({ state: tool === 'call_api' ? 'answered' : 'obtained', costMsat: 5000 });
      expect([isUp, spentMsat()]).toEqual([false, 5000]);
    },
  );
});

describe('the seal under which a form of 2026 goes out', () => {
  const inputResponses = { approval: { action: 'accept', content: { confirm: true } } };

  it('is this server’s own: one that somebody else made does not bring an answer in', async () => {
    const { agentUrl, context, store, spentMsat } = await scene();
    const { elicit, shown } = unanswered();
    const { client, call } = await connectAgent(agentUrl, { elicit });
    void call('call_mcp_tool', forecast).catch(() => undefined);
    await shown;
    const running = context.calls.findRunning({
      method: 'MCP',
      url: store.approvals.listPending()[0]?.url ?? '',
      headers: [],
      body: null,
      maxCostSats: null,
      tool: { server: 'weather', name: 'forecast', arguments: { city: 'Lugano' } },
    });
    const callId = running?.callId ?? '';
    expect(callId).toMatch(/^call_/);
    const forger = createRequestStateCodec({ key: Buffer.alloc(32, 1) });
    for (const requestState of [callId, JSON.stringify({ callId }), await forger.mint({ callId })]) {
      const params = { name: 'call_mcp_tool', arguments: forecast, inputResponses, requestState };
      const answer = client.request({ method: 'tools/call', params });
      await expect(answer).rejects.toMatchObject({ code: -32_602 });
    }
    expect([store.approvals.listPending().length, spentMsat()]).toEqual([1, 0]);
  });

  it('is needed: an answer without one asks anew', async () => {
    const { agentUrl, store, spentMsat } = await scene({ SATWAY_ANSWER_WITHIN_SECONDS: '1' });
    const { client } = await connectAgent(agentUrl);
    const params = { name: 'call_mcp_tool', arguments: forecast, inputResponses };
    const answer = await client.request({ method: 'tools/call', params });
    expect(answer).toMatchObject({ structuredContent: { state: 'waiting_for_approval' } });
    expect([store.approvals.listPending().length, spentMsat()]).toEqual([1, 0]);
  });
});
