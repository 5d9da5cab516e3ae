import { lstatSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fetchWithCredential } from '@satway/client';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Agent, startAgent } from './agent.js';
import { openShop, type Shop } from './shop.js';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop((request, response) => response.end(`answer to ${request.url}`));
});
afterAll(() => shop.close());

async function start(more: Readonly<Record<string, string>> = {}): Promise<Agent> {
  const agent = await startAgent('v2 of 2026', shop.environment({ BUDGET_SATS: '1000', ...more }));
  onTestFinished(() => agent.close());
  return agent;
}

const tokenIn = (file: unknown): string => readFileSync(String(file), 'utf8').trim();

const spentDuring = async (steps: () => Promise<unknown>): Promise<number> => {
  const before = await shop.spentMsat();
  await steps();
  return (await shop.spentMsat()) - before;
};

describe('a credential that an agent buys', () => {
  it('is handed over by a file, and used by somebody who has no wallet', async () => {
    const agent = await start();
    const spent = await spentDuring(async () => {
      const { data, text } = await agent.call('buy_credential', { url: `${shop.url}/pass/1` });
      expect(data).toMatchObject({ state: 'obtained', status: null, costMsat: 6000, body: null, paidBy: 'bought' });
      expect(text.split('\n').at(-2)).toBe('Cost: 6 sats');
      const { file, usesLeft, delegableBy } = data['credential'] as Record<string, unknown>;
      expect(usesLeft).toBe(3);
      expect(delegableBy).toContain('n_uses');
      expect([lstatSync(String(file)).mode & 0o777, lstatSync(dirname(String(file))).mode & 0o777]).toEqual([
        0o600, 0o700,
      ]);
      for (let use = 1; use <= 3; use++) {
        const used = await fetchWithCredential(`${shop.url}/pass/${use}`, tokenIn(file));
        expect(used.ok && (await used.response.text())).toBe(`answer to /pass/${use}`);
      }
      expect(await fetchWithCredential(`${shop.url}/pass/4`, tokenIn(file))).toMatchObject({ ok: false });
      expect(agent.transcript()).not.toContain(tokenIn(file));
    });
    expect(spent).toBe(6000);
  });

  it('is narrowed for a sub-agent, again and again, and never widened', async () => {
    const agent = await start();
    const bought = await agent.call('buy_credential', { url: `${shop.url}/pass/1` });
    const { credentialId } = bought.data['credential'] as Record<string, string>;
    const child = await agent.call('delegate_credential', { credential_id: credentialId, uses: 2, method: 'GET' });
    expect(child.data['token']).toBeNull();
    const grandchild = await agent.call('delegate_credential', { credential_id: child.data['credentialId'], uses: 1 });
    const token = tokenIn(grandchild.data['file']);
    expect(await fetchWithCredential(`${shop.url}/pass/a`, token)).toMatchObject({ ok: true });
    expect(await fetchWithCredential(`${shop.url}/pass/b`, token)).toMatchObject({ ok: false });
    const wider = await agent.call('delegate_credential', { credential_id: child.data['credentialId'], uses: 5 });
    expect(wider.isError).toBe(true);
    expect(wider.text).toMatch(/^DELEGATION_WIDENS: [^]*Nothing was paid\./);
    expect(agent.transcript()).not.toContain(token);
  });

  it('is put into the chat only when that is asked for', async () => {
    const agent = await start();
    const bought = await agent.call('buy_credential', { url: `${shop.url}/pass/1` });
    const { credentialId } = bought.data['credential'] as Record<string, string>;
    const told = await agent.call('delegate_credential', { credential_id: credentialId, uses: 1, reveal_token: true });
    expect(told.data['token']).toBe(tokenIn(told.data['file']));
  });

  it.each(['../../etc/passwd', 'cred_', '__proto__', `cred_${'0'.repeat(36)}`])('has no name like %s', async (id) => {
    const agent = await start();
    const refused = await agent.call('delegate_credential', { credential_id: id });
    expect(refused.text).toMatch(/^MCP_CREDENTIAL_UNKNOWN: /);
  });

  it('is bought inside the limits that hold for calls', async () => {
    const agent = await start({ BUDGET_SATS: '5' });
    const spent = await spentDuring(async () => {
      const refused = await agent.call('buy_credential', { url: `${shop.url}/pass/1` });
      expect(refused).toMatchObject({ isError: true, data: { error: { code: 'BUDGET_EXHAUSTED' } } });
    });
    expect(spent).toBe(0);
  });
});
