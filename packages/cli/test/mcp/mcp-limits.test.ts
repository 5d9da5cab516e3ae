import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { runSatway } from '../run-satway.js';
import { type Agent, startAgent } from './agent.js';
import { openShop, type Shop } from './shop.js';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop((request, response) => response.end(`answer to ${request.url}`));
});
afterAll(() => shop.close());

async function start(environment: Record<string, string>): Promise<Agent> {
  const agent = await startAgent('v2 of 2026', environment);
  onTestFinished(() => agent.close());
  return agent;
}

const spentDuring = async (steps: () => Promise<unknown>): Promise<number> => {
  const before = await shop.spentMsat();
  await steps();
  return (await shop.spentMsat()) - before;
};

const codeOf = ({ data }: { data: Record<string, unknown> }): unknown =>
  (data['error'] as { code?: string } | null | undefined)?.code ?? null;

describe('a server that is killed while it pays', () => {
  it('has lost nothing when it starts again: the same call gets its answer and pays no second time', async () => {
    const environment = shop.environment({ BUDGET_SATS: '100' });
    const url = `${shop.url}/thing/once`;
    const { network } = shop.sandbox;
    const spent = await spentDuring(async () => {
      const first = await startAgent('v1', environment);
      network.addFault('buyer', { kind: 'stuckThenSettled' });
      const sent = new Promise<void>((resolve) => {
        const stop = network.lightning.paymentNews.add(() => {
          stop();
          resolve();
        });
      });
      const call = first.call('call_api', { url });
      call.catch(() => undefined);
      await sent;
      first.kill();
      await expect(call).rejects.toBeInstanceOf(Error);
      const second = await start(environment);
      const unknown = await second.call('call_api', { url });
      expect(codeOf(unknown)).toBe('PAYMENT_UNKNOWN');
      expect(unknown.data).toMatchObject({ costMsat: 0, sessionSpentMsat: 0 });
      const stuck = network
        .books()
        .nodes.flatMap(({ payments }) => payments.filter(({ state }) => state === 'IN_FLIGHT'));
      for (const { paymentHashHex } of stuck) network.resolve(paymentHashHex, 'settled');
      const answered = await second.call('call_api', { url });
      expect(answered.data).toMatchObject({
        status: 200,
        body: 'answer to /thing/once',
        paidBy: 'recovered',
        costMsat: 0,
      });
    });
    expect(spent).toBe(5000);
  });
});

describe('limits', () => {
  it('hold for two servers on one home together: of two calls that together pass the budget, one is paid', async () => {
    const environment = shop.environment({ BUDGET_SATS: '9' });
    const agents = [await start(environment), await start(environment)];
    const spent = await spentDuring(async () => {
      const calls = await Promise.all(
        agents.map((agent, index) => agent.call('call_api', { url: `${shop.url}/thing/${index}` })),
      );
      expect(new Set(calls.map(codeOf))).toEqual(new Set(['BUDGET_EXHAUSTED', null]));
    });
    expect(spent).toBe(5000);
  });

  it('hold for many calls at the same time: no more are paid than the budget allows, fees that may come included', async () => {
    const agent = await start(shop.environment({ BUDGET_SATS: '52' }));
    let paid = 0;
    const spent = await spentDuring(async () => {
      const names = Array.from({ length: 20 }, (_, index) => `${shop.url}/thing/many-${index}`);
      const calls = await Promise.all(names.map((url) => agent.call('call_api', { url })));
      const codes = calls.map(codeOf);
      paid = codes.filter((code) => code === null).length;
      expect(codes.filter((code) => code === 'BUDGET_EXHAUSTED')).toHaveLength(20 - paid);
      const { data } = await agent.call('budget_status');
      expect(data).toMatchObject({ spentMsat: paid * 5000, reservedMsat: 0 });
    });
    // Each reserves a fee of a satoshi while it is under way.
    expect(paid).toBeGreaterThanOrEqual(8);
    expect(spent).toBe(paid * 5000);
    expect(spent).toBeLessThanOrEqual(52_000);
  });

  it('hold after a restart', async () => {
    const environment = shop.environment({ BUDGET_SATS: '9' });
    const first = await startAgent('v1', environment);
    await first.call('call_api', { url: `${shop.url}/thing/a` });
    await first.close();
    const second = await start(environment);
    const refused = await second.call('call_api', { url: `${shop.url}/thing/b` });
    expect(refused.data).toMatchObject({ remainingMsat: 4000, sessionSpentMsat: 0 });
    expect(codeOf(refused)).toBe('BUDGET_EXHAUSTED');
  });

  it.each([
    ['MAX_SPEND_PER_MINUTE_SATS', 'SPENDING_LIMIT_REACHED'],
    ['MAX_SPEND_PER_DAY_SATS', 'SPENDING_LIMIT_REACHED'],
  ])('hold in time: %s', async (name, code) => {
    const agent = await start(shop.environment({ [name]: '9' }));
    const spent = await spentDuring(async () => {
      expect((await agent.call('call_api', { url: `${shop.url}/thing/a` })).data['spendableNowMsat']).toBe(4000);
      expect(codeOf(await agent.call('call_api', { url: `${shop.url}/thing/b` }))).toBe(code);
    });
    expect(spent).toBe(5000);
  });

  it('of nothing pay nothing', async () => {
    const agent = await start(shop.environment({ BUDGET_SATS: '0' }));
    const refused = await agent.call('call_api', { url: `${shop.url}/thing/a` });
    expect([codeOf(refused), refused.data['remainingMsat']]).toEqual(['BUDGET_EXHAUSTED', 0]);
  });
});

describe('satway budget freeze', () => {
  it('stops a server that runs at once, and thaw lets it go on', async () => {
    const environment = shop.environment({ BUDGET_SATS: '100' });
    const agent = await start(environment);
    const url = `${shop.url}/thing/frozen`;
    expect((await runSatway(['budget', 'freeze', '--reason', 'looks odd'], environment)).code).toBe(0);
    const spent = await spentDuring(async () => {
      expect(codeOf(await agent.call('call_api', { url }))).toBe('BUDGET_FROZEN');
      const { data, text } = await agent.call('budget_status');
      expect(data).toMatchObject({ stopped: 'looks odd', spendableNowMsat: 0 });
      expect(text).toContain('All spending is stopped: looks odd');
    });
    expect(spent).toBe(0);
    expect((await runSatway(['budget', 'thaw'], environment)).code).toBe(0);
    expect((await agent.call('call_api', { url })).data).toMatchObject({ status: 200, costMsat: 5000 });
  });
});
