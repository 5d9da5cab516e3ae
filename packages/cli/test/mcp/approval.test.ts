import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { runAtTerminal } from '../at-terminal.js';
import { runSatway } from '../run-satway.js';
import { type Agent, type AgentKind, AGENTS, type ElicitationAnswer, startAgent, type ToolAnswer } from './agent.js';
import { openShop, type Shop } from './shop.js';

let shop: Shop;
/** A shop for each kind of client: one wallet would not pay for all. */
const openOwnShop = () => {
  beforeAll(async () => {
    shop = await openShop((request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.end(`the keys to ${request.url}`);
    });
  });
  afterAll(() => shop.close());
};

type Environment = Record<string, string>;

/** An agent whose server asks a person above 1,000 sats, and the environment in which that person's terminal stands. */
async function start(
  kind: AgentKind,
  elicit?: (form: { message: string }) => Promise<ElicitationAnswer>,
): Promise<{ agent: Agent; environment: Environment }> {
  const environment = shop.environment({ BUDGET_SATS: '10000', MAX_SPEND_PER_DAY_SATS: '10000' });
  const agent = await startAgent(kind, environment, [], elicit === undefined ? {} : { elicit });
  onTestFinished(() => agent.close());
  return { agent, environment };
}

/** 2,000 sats. */
const buyVilla = (agent: Agent): Promise<ToolAnswer> => agent.call('call_api', { url: `${shop.url}/villa` });

const approvalIdIn = ({ text }: ToolAnswer): string => /satway approve ([0-9A-Z]{8})/.exec(text)?.[1] ?? '';

const statusOf = (agent: Agent, { data }: ToolAnswer): Promise<ToolAnswer> =>
  agent.call('payment_status', { id: data['callId'], wait_seconds: 50 });

const approve = (environment: Environment, id: string, answer: string) =>
  runAtTerminal(['approve', id], environment, [{ after: '[y/N]', type: answer }]);

const spentDuring = async (steps: () => Promise<unknown>): Promise<number> => {
  const before = await shop.spentMsat();
  await steps();
  return (await shop.spentMsat()) - before;
};

describe.each(AGENTS)('a price above the threshold, under the stock client %s without forms', (kind) => {
  openOwnShop();

  it('waits for a person at a terminal; with the yes it is paid once, and the answer is there', async () => {
    const { agent, environment } = await start(kind);
    const spent = await spentDuring(async () => {
      const waiting = await buyVilla(agent);
      expect(waiting).toMatchObject({
        isError: false,
        data: { state: 'waiting_for_approval', costMsat: 0, status: null },
      });
      expect(waiting.text).toContain('2,000 sats');
      expect(waiting.data['sessionSpentMsat']).toBe(0);
      const approvalId = approvalIdIn(waiting);
      const { code, seen } = await approve(environment, approvalId, 'y');
      expect([code, seen]).toEqual([0, expect.stringContaining('Pay 2,000 sats?')]);
      const done = await statusOf(agent, waiting);
      expect(done.data).toMatchObject({
        state: 'answered',
        status: 200,
        costMsat: 2_000_000,
        body: 'the keys to /villa',
      });
      // Used once: it is no yes to anything else.
      expect((await runSatway(['approve', approvalId, '--json'], environment)).stderr).toContain('APPROVAL_OVER');
      expect((await buyVilla(agent)).data).toMatchObject({ state: 'waiting_for_approval' });
    });
    expect(spent).toBe(2_000_000);
  });

  it('is not paid after a no', async () => {
    const { agent, environment } = await start(kind);
    const spent = await spentDuring(async () => {
      const waiting = await buyVilla(agent);
      expect((await approve(environment, approvalIdIn(waiting), 'n')).code).toBe(0);
      const done = await statusOf(agent, waiting);
      expect(done).toMatchObject({ isError: true, data: { error: { code: 'APPROVAL_DENIED', fundsMoved: 'no' } } });
    });
    expect(spent).toBe(0);
  });
});

describe.each(AGENTS)('a price above the threshold, under the stock client %s with forms', (kind) => {
  openOwnShop();

  it('is paid when the person accepts the form, in the same tool call', async () => {
    let message = '';
    const { agent } = await start(kind, async (form) => {
      ({ message } = form);
      return { action: 'accept', content: { confirm: true } };
    });
    const spent = await spentDuring(async () => {
      const answer = await buyVilla(agent);
      expect(answer.data).toMatchObject({
        state: 'answered',
        status: 200,
        costMsat: 2_000_000,
        body: 'the keys to /villa',
      });
    });
    expect(spent).toBe(2_000_000);
    for (const part of ['Pay 2,000 sats', new URL(shop.url).host, 'GET', '/villa']) expect(message).toContain(part);
  });

  it.each<ElicitationAnswer>([
    { action: 'decline' },
    { action: 'cancel' },
    { action: 'accept', content: { confirm: false } },
  ])('is not paid after %j', async (given) => {
    const { agent } = await start(kind, async () => given);
    const spent = await spentDuring(async () => {
      const answer = await buyVilla(agent);
      expect(answer).toMatchObject({ isError: true, data: { error: { code: 'APPROVAL_DENIED', fundsMoved: 'no' } } });
    });
    expect(spent).toBe(0);
  });

  it('asks for nothing at or under the threshold', async () => {
    let asked = 0;
    const { agent } = await start(kind, async () => {
      asked++;
      return { action: 'decline' };
    });
    expect((await agent.call('call_api', { url: `${shop.url}/thing/small` })).data).toMatchObject({ costMsat: 5000 });
    expect(asked).toBe(0);
  });
});

describe('the page of the server’s process', () => {
  openOwnShop();

  it('takes the person’s yes in a browser; its address stands on stderr alone', async () => {
    const { agent } = await start('v2 of 2026');
    const waiting = await buyVilla(agent);
    const addressIn = (text: string) => /http:\/\/127\.0\.0\.1:\d+\/approve\/[\w-]{43}/.exec(text)?.[0] ?? '';
    await expect.poll(() => addressIn(agent.stderr()), { timeout: 90_000 }).not.toBe('');
    const address = addressIn(agent.stderr());
    expect(agent.transcript()).not.toContain(address);
    const page = await fetch(address);
    const csrf = /name="csrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
    const headers = {
      cookie: page.headers.get('set-cookie')?.split(';')[0] ?? '',
      origin: new URL(address).origin,
      'content-type': 'application/x-www-form-urlencoded',
    };
    const body = new URLSearchParams({ csrf, decision: 'yes' }).toString();
    expect((await fetch(address, { method: 'POST', headers, body })).status).toBe(200);
    expect((await statusOf(agent, waiting)).data).toMatchObject({ state: 'answered', costMsat: 2_000_000 });
  });
});

describe('a host whose person takes long', () => {
  openOwnShop();

  it('keeps nobody waiting: the call answers with a handle, and a yes at the terminal counts', async () => {
    const environment = shop.environment({ BUDGET_SATS: '10000', SATWAY_ANSWER_WITHIN_SECONDS: '1' });
    const agent = await startAgent('v1', environment, [], { elicit: () => new Promise(() => undefined) });
    onTestFinished(() => agent.close());
    const running = await buyVilla(agent);
    expect(running.data).toMatchObject({ state: 'running', costMsat: 0 });
    const { stdout } = await runSatway(['approve', '--json'], environment);
    const { approvals } = JSON.parse(stdout) as { approvals: { approvalId: string }[] };
    expect((await approve(environment, approvals[0]?.approvalId ?? '', 'y')).code).toBe(0);
    expect((await statusOf(agent, running)).data).toMatchObject({ state: 'answered', costMsat: 2_000_000 });
  });
});
