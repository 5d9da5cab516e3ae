import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openPurchaseStore } from '@satway/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentKind, AGENTS, startAgent } from './agent.js';
import { openShop, type Shop } from './shop.js';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop((request, response) => {
    if (request.url === '/thing/broken') return void response.writeHead(500).end('no');
    response.writeHead(200, { 'content-type': 'text/plain' }).end(`the answer to ${request.url}`);
  });
});
afterAll(() => shop.close());

/** Every spelling in which a secret of hex digits could leave. */
function spellingsOf(hex: string): string[] {
  const bytes = Buffer.from(hex, 'hex');
  const base64 = bytes.toString('base64').replace(/=+$/, '');
  return [hex.toLowerCase(), hex.toUpperCase(), base64, base64.replaceAll('+', '-').replaceAll('/', '_')];
}

/** Uses every tool and resource that can say something, once where it goes well and once where it does not. */
async function useEverything(kind: AgentKind, environment: Record<string, string>) {
  const agent = await startAgent(kind, environment);
  const paid = await agent.call('call_api', { url: `${shop.url}/thing/1` });
  await agent.call('call_api', { url: `${shop.url}/thing/broken` });
  await agent.call('call_api', { url: `${shop.url}/thing/2`, max_cost_sats: 1 });
  await agent.call('call_api', { url: `${shop.url}/villa` });
  await agent.call('call_api', { url: 'http://127.0.0.1:1/' });
  await agent.call('call_api', { url: environment['LND_REST_HOST'], headers: { 'Grpc-Metadata-Macaroon': 'x' } });
  await agent.call('preview_cost', { url: `${shop.url}/order/1`, method: 'POST' });
  for (const id of [paid.data['paymentId'], paid.data['callId']]) await agent.call('payment_status', { id });
  await agent.call('read_answer', { call_id: paid.data['callId'] });
  const bought = await agent.call('buy_credential', { url: `${shop.url}/pass/1` });
  const { credentialId } = bought.data['credential'] as Record<string, unknown>;
  await agent.call('delegate_credential', { credential_id: credentialId, uses: 1 });
  for (const name of ['budget_status', 'spending_report', 'list_payments', 'search_apis']) await agent.call(name);
  await agent.call('get_api_details', { url: shop.url });
  await agent.client.listTools();
  for (const { uri } of (await agent.client.listResources()).resources) await agent.client.readResource({ uri });
  const said = `${agent.transcript()}\n${agent.stderr()}`;
  await agent.close();
  return said;
}

/** The preimages of the payments of this wallet, as its store has them. */
function preimagesIn(home: string): string[] {
  const store = openPurchaseStore({ path: join(home, 'purchases.db') });
  try {
    return store.journal.list().flatMap(({ purchaseId }) => {
      const preimage = store.credentials.ofPurchase(purchaseId)?.preimageHex;
      return preimage === undefined || preimage === null ? [] : [preimage];
    });
  } finally {
    store.close();
  }
}

describe.each(AGENTS)('a whole session of the stock client %s', (kind) => {
  it('carries no macaroon, no preimage and no key, in no spelling, on no channel', async () => {
    const environment = shop.environment({ BUDGET_SATS: '1000' });
    const said = await useEverything(kind, environment);
    expect(said.length).toBeGreaterThan(10_000);
    const preimages = preimagesIn(environment['SATWAY_HOME'] ?? '');
    expect(preimages.length).toBeGreaterThan(0);
    const secrets = [environment['LND_MACAROON'] ?? '', ...preimages];
    for (const secret of secrets.flatMap(spellingsOf)) expect(said.includes(secret)).toBe(false);
    // Macaroons by their first bytes, whosever they are.
    expect(said).not.toMatch(/(?<![A-Za-z0-9+/])Ag[EI][A-Za-z0-9+/_-]{40,}/);
    expect(said).not.toMatch(/020[12][0-9a-f]{80}/i);
  });
});

describe('the process of satway mcp', () => {
  it('has the secrets neither in its own environment nor in files that are not sealed', async () => {
    const environment = shop.environment();
    const agent = await startAgent('v1', environment);
    await agent.call('call_api', { url: `${shop.url}/thing/1` });
    const listing = execFileSync('ps', ['-eo', 'args']).toString();
    expect(listing).not.toContain(environment['LND_MACAROON']);
    await agent.close();
    const home = environment['SATWAY_HOME'] ?? '';
    const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const preimages = preimagesIn(home);
    expect(preimages).toHaveLength(1);
    for (const file of files) {
      const content = readFileSync(join(file.parentPath, file.name)).toString('latin1');
      for (const secret of [environment['LND_MACAROON'] ?? '', ...preimages]) expect(content).not.toContain(secret);
    }
  });
});
