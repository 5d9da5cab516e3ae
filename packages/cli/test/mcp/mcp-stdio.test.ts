import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { runSatway } from '../run-satway.js';
import { type Agent, type AgentKind, AGENTS, startAgent } from './agent.js';
import { openShop, type Shop } from './shop.js';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ path: request.url }));
  });
});
afterAll(() => shop.close());

async function start(kind: AgentKind, more: Readonly<Record<string, string>> = {}): Promise<Agent> {
  const agent = await startAgent(kind, shop.environment({ BUDGET_SATS: '1000', ...more }));
  onTestFinished(() => agent.close());
  return agent;
}

const spentDuring = async (steps: () => Promise<unknown>): Promise<number> => {
  const before = await shop.spentMsat();
  await steps();
  return (await shop.spentMsat()) - before;
};

describe.each(AGENTS)('satway mcp under the stock client %s', (kind) => {
  it('buys from a gateway, and tells what it cost and what is left', async () => {
    const agent = await start(kind);
    const spent = await spentDuring(async () => {
      for (let count = 1; count < 9; count++) await agent.call('call_api', { url: `${shop.url}/thing/${count}` });
      const answer = await agent.call('call_api', { url: `${shop.url}/thing/last`, max_cost_sats: 10 });
      expect(answer.isError).toBe(false);
      expect(answer.data).toMatchObject({
        state: 'answered',
        status: 200,
        costMsat: 5000,
        feeMsat: 0,
        sessionSpentMsat: 45_000,
        remainingMsat: 955_000,
        paymentId: expect.stringMatching(/^[0-9a-f]{64}$/),
        contentType: 'application/json',
        body: '{"path":"/thing/last"}',
        error: null,
      });
      expect(answer.text.split('\n').slice(-2)).toEqual([
        'Cost: 5 sats',
        'Session spending: 45 sats | Remaining budget: 955 sats',
      ]);
      expect(answer.text).toContain('{"path":"/thing/last"}');
    });
    expect(spent).toBe(45_000);
  });

  it('answers with an error and pays nothing when the budget is spent', async () => {
    const agent = await start(kind, { BUDGET_SATS: '11' });
    const spent = await spentDuring(async () => {
      for (const name of ['a', 'b']) await agent.call('call_api', { url: `${shop.url}/thing/${name}` });
      const refused = await agent.call('call_api', { url: `${shop.url}/thing/c` });
      expect(refused.isError).toBe(true);
      expect(refused.text).toContain('The budget is spent');
      expect(refused.data).toMatchObject({ state: 'failed', status: null, costMsat: 0, remainingMsat: 1000 });
      expect(refused.data['error']).toMatchObject({ code: 'BUDGET_EXHAUSTED', fundsMoved: 'no' });
    });
    expect(spent).toBe(10_000);
  });

  it('holds a call to its own ceiling', async () => {
    const agent = await start(kind);
    const spent = await spentDuring(async () => {
      const refused = await agent.call('call_api', { url: `${shop.url}/thing/a`, max_cost_sats: 4 });
      expect(refused).toMatchObject({ isError: true, data: { error: { code: 'PRICE_ABOVE_LIMIT' } } });
    });
    expect(spent).toBe(0);
  });

  it('introduces itself, and describes every tool in full', async () => {
    const agent = await start(kind);
    expect(agent.client.getServerVersion()).toMatchObject({ name: 'satway' });
    const { tools } = await agent.client.listTools();
    const docs = readFileSync(new URL('../../../../docs/mcp.md', import.meta.url), 'utf8');
    for (const tool of tools) {
      expect(tool.title, tool.name).toBeTruthy();
      expect(docs).toContain(`| \`${tool.name}\` |`);
      expect((tool.description ?? '').length, tool.name).toBeGreaterThan(40);
      expect(tool.inputSchema, tool.name).toMatchObject({ type: 'object', additionalProperties: false });
      expect(tool.outputSchema, tool.name).toMatchObject({ type: 'object' });
      const hints = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'];
      expect(
        Object.keys(tool.annotations ?? {})
          .filter((name) => name !== 'title')
          .sort(),
        tool.name,
      ).toEqual(hints.sort());
    }
  });
});

describe('satway mcp', () => {
  it('lists every mistake of its settings at once and ends, without a word on stdout', async () => {
    const { code, stdout, stderr } = await runSatway(
      ['mcp'],
      shop.environment({ BUDGET_SATS: 'much', TRANSPORT: 'pigeon', SATWAY_ALLOW_HOSTS: 'http://x', LND_MACAROON: '' }),
    );
    expect([code, stdout]).toEqual([2, '']);
    for (const word of ['BUDGET_SATS', 'TRANSPORT', 'host:port', 'LND_MACAROON']) expect(stderr).toContain(word);
    expect(stderr).not.toContain('much');
  });
});
