import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { runAtTerminal } from '../at-terminal.js';
import { runSatway, startSatway } from '../run-satway.js';
import { type Agent, AGENTS, connectAgent } from './agent.js';
import { openShop, type Shop } from './shop.js';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop((request, response) => response.end(`this is ${request.url}`));
});
afterAll(() => shop.close());

/** `satway mcp` over HTTP, in a process of its own. */
interface Server {
  readonly url: string;
  readonly token: string;
  readonly environment: Record<string, string>;
  readonly stderr: () => string;
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | null>;
}

async function serve(more: Record<string, string> = {}): Promise<Server> {
  const environment = shop.environment({
    TRANSPORT: 'http',
    PORT: '0',
    BUDGET_SATS: '10000',
    MAX_SPEND_PER_DAY_SATS: '10000',
    ...more,
  });
  const child = startSatway(['mcp'], environment);
  let stderr = '';
  const ready = new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      const url = /MCP over HTTP: (\S+)\n[^]*bearer token[^\n]*\n/.exec(stderr)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', () => reject(new Error(stderr)));
  });
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const ended = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    return (await ended)[0];
  };
  onTestFinished(async () => void (await stop()));
  const url = await ready;
  const { MCP_AUTH_TOKEN: given, SATWAY_HOME: home = '' } = environment as Record<string, string | undefined>;
  const token = given ?? readFileSync(join(home, 'mcp-token'), 'utf8').trim();
  return { url, token, environment, stderr: () => stderr, stop };
}

async function connect(
  { url, token }: Server,
  ...more: [kind: (typeof AGENTS)[number], options?: object]
): Promise<Agent> {
  const [kind, options] = more;
  const agent = await connectAgent(kind, url, token, options);
  onTestFinished(() => agent.close());
  return agent;
}

describe('satway mcp over HTTP', () => {
  it('serves stock clients of both generations and eras at once, out of one budget', async () => {
    const server = await serve({ BUDGET_SATS: '60' });
    const before = await shop.spentMsat();
    const agents = await Promise.all([...AGENTS, ...AGENTS].map((kind) => connect(server, kind)));
    const answers = await Promise.all(
      agents.flatMap((agent, index) =>
        ['a', 'b', 'c'].map((name) => agent.call('call_api', { url: `${shop.url}/thing/${index}-${name}` })),
      ),
    );
    const codes = answers.map(({ data }) => (data['error'] as { code: string } | null)?.code ?? data['body']);
    const bought = codes.filter((code) => String(code).startsWith('this is /thing/'));
    expect(codes.filter((code) => code === 'BUDGET_EXHAUSTED').length + bought.length).toBe(18);
    expect(new Set(bought).size).toBe(bought.length);
    expect((await shop.spentMsat()) - before).toBe(bought.length * 5000);
    expect(bought.length).toBeGreaterThan(0);
    expect(bought.length).toBeLessThanOrEqual(12);
  });

  it('makes a token in a file of its owner alone, and says where it lies, not what it is', async () => {
    const { environment, token, stderr, url } = await serve();
    const file = join(environment['SATWAY_HOME'] ?? '', 'mcp-token');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(stderr()).toContain(file);
    expect(stderr()).not.toContain(token);
    expect((await fetch(url, { method: 'POST' })).status).toBe(401);
  });

  it('takes the token that it is given', async () => {
    const server = await serve({ MCP_AUTH_TOKEN: 'chosen-by-whoever-runs-this-server-0123' });
    expect((await (await connect(server, 'v2 of 2026')).call('budget_status')).isError).toBe(false);
    expect(server.stderr()).not.toContain('chosen-by');
  });

  it('warns of what is doubtful', async () => {
    const { stderr } = await serve({ BIND_ADDRESS: '0.0.0.0', CORS_ORIGIN: '*', NODE_TLS_REJECT_UNAUTHORIZED: '0' });
    for (const part of ['beyond this machine', 'CORS_ORIGIN=*', 'NODE_TLS_REJECT_UNAUTHORIZED=0'])
      expect(stderr()).toContain(part);
  });

  it('says so where its port is taken', async () => {
    const { url } = await serve();
    const taken = shop.environment({ TRANSPORT: 'http', PORT: new URL(url).port });
    expect(await runSatway(['mcp'], taken)).toMatchObject({ stderr: expect.stringContaining('MCP_LISTEN_FAILED') });
  });

  it('gives no form to a client that takes none, also where it joins a call whose client does', async () => {
    const server = await serve({ MAX_AUTO_PAY_SATS: '4', SATWAY_ANSWER_WITHIN_SECONDS: '2' });
    let tell: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (tell = resolve));
    const elicit = () => {
      tell();
      return new Promise(() => undefined);
    };
    const withForms = await connect(server, 'v2 of 2026', { elicit });
    const without = await connect(server, 'v2 of 2026');
    const url = `${shop.url}/thing/joined`;
    void withForms.call('call_api', { url }).catch(() => undefined);
    await asked;
    expect((await without.call('call_api', { url })).data).toMatchObject({ state: 'running', costMsat: 0 });
  });

  it('ends at SIGTERM', async () => {
    const server = await serve();
    await connect(server, 'v1');
    expect(await server.stop()).toBe(0);
  });
});

describe('a server that is killed while a person is waited for', () => {
  it('has sent nothing; a later yes is refused, and the next server asks anew', async () => {
    const before = await shop.spentMsat();
    const first = await serve({ MAX_AUTO_PAY_SATS: '4' });
    const url = `${shop.url}/thing/killed`;
    const waiting = await (await connect(first, 'v2 of 2026')).call('call_api', { url });
    const id = String(waiting.data['approvalId']);
    await first.stop('SIGKILL');
    const late = await runAtTerminal(['approve', id], first.environment, [{ after: '[y/N]', type: 'y' }]);
    expect([late.code, late.seen]).toEqual([1, expect.stringContaining('APPROVAL_OVER')]);
    const second = await serve({ MAX_AUTO_PAY_SATS: '4', SATWAY_HOME: first.environment['SATWAY_HOME'] ?? '' });
    const agent = await connect(second, 'v2 of 2026');
    const again = await agent.call('call_api', { url });
    expect(again.data).toMatchObject({ state: 'waiting_for_approval' });
    expect(again.data['approvalId']).not.toBe(id);
    expect(await shop.spentMsat()).toBe(before);
    const yes = [{ after: '[y/N]', type: 'y' }];
    expect((await runAtTerminal(['approve', String(again.data['approvalId'])], second.environment, yes)).code).toBe(0);
    const done = await agent.call('payment_status', { id: again.data['callId'], wait_seconds: 50 });
    expect(done.data).toMatchObject({ state: 'answered', costMsat: 5000 });
    expect((await shop.spentMsat()) - before).toBe(5000);
  });
});

describe.each(AGENTS)('a price above the threshold over HTTP, under the stock client %s', (kind) => {
  it('is paid when the host’s person accepts the form', async () => {
    const server = await serve({ MAX_AUTO_PAY_SATS: '4' });
    const agent = await connect(server, kind, {
      elicit: async () => ({ action: 'accept', content: { confirm: true } }),
    });
    const answer = await agent.call('call_api', { url: `${shop.url}/thing/form-${kind.at(-1)}` });
    expect(answer.data).toMatchObject({ state: 'answered', costMsat: 5000 });
  });

  it('is not paid when the host’s person declines', async () => {
    const server = await serve({ MAX_AUTO_PAY_SATS: '4' });
    const agent = await connect(server, kind, { elicit: async () => ({ action: 'decline' }) });
    const answer = await agent.call('call_api', { url: `${shop.url}/thing/no-${kind.at(-1)}` });
    expect(answer.data).toMatchObject({ state: 'failed', error: { code: 'APPROVAL_DENIED' } });
  });

  it('waits for a person at a terminal where the host has no forms', async () => {
    const server = await serve({ MAX_AUTO_PAY_SATS: '4' });
    const agent = await connect(server, kind);
    const waiting = await agent.call('call_api', { url: `${shop.url}/thing/wait-${kind.at(-1)}` });
    expect(waiting.data).toMatchObject({ state: 'waiting_for_approval' });
    const id = String(waiting.data['approvalId']);
    expect((await runAtTerminal(['approve', id], server.environment, [{ after: '[y/N]', type: 'y' }])).code).toBe(0);
    const done = await agent.call('payment_status', { id: waiting.data['callId'], wait_seconds: 50 });
    expect(done.data).toMatchObject({ state: 'answered', costMsat: 5000 });
  });
});
