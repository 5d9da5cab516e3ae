import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { runSatway } from '../run-satway.js';
import { AGENTS, startAgent } from './agent.js';
import { openShop, type Shop } from './shop.js';

let shop: Shop;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'satway-others-'));
  shop = await openShop((_, response) => void response.end('here'));
});
afterAll(async () => {
  await shop.close();
  rmSync(folder, { recursive: true, force: true });
});

const PROGRAM = new URL('../../../mcp/test/proxy/stdio-server.mjs', import.meta.url).pathname;

/** Names other servers to `satway mcp`. */
function withServers(mcpServers: unknown): Record<string, string> {
  const file = join(folder, 'servers.json');
  writeFileSync(file, JSON.stringify({ mcpServers }));
  return shop.environment({ SATWAY_MCP_SERVERS: file });
}

describe('satway mcp in front of other MCP servers', () => {
  it.each(AGENTS)(
    'offers their tools on to the stock client %s, and lends them none of its own secrets',
    async (kind) => {
      const local = { command: process.execPath, args: [PROGRAM], env: { GIVEN: 'yes' } };
      const environment = withServers({ local });
      const agent = await startAgent(kind, environment);
      onTestFinished(() => agent.close());
      const { data } = await agent.call('list_mcp_tools', { server: 'local' });
      expect(data['tools']).toMatchObject([{ name: 'environment' }, { name: 'end' }]);
      const answer = await agent.call('call_mcp_tool', { server: 'local', tool: 'environment' });
      expect(answer.data).toMatchObject({ state: 'answered', status: 200, costMsat: 0 });
      expect(answer.text).toContain('GIVEN');
      for (const name of ['LND_MACAROON', 'SATWAY_HOME']) {
        expect(answer.text).not.toContain(name);
        expect(answer.text).not.toContain(environment[name]);
      }
    },
  );

  it('has no such tools where no server is named', async () => {
    const agent = await startAgent('v1', shop.environment());
    onTestFinished(() => agent.close());
    const { tools } = await agent.client.listTools();
    expect(tools.map(({ name }) => name).filter((name) => name.includes('mcp'))).toEqual([]);
  });

  it('lists the mistakes of their file with all others, and does not start', async () => {
    const environment = withServers({ 'Bad Name': { command: 'x' }, none: {} });
    const { code, stderr } = await runSatway(['mcp'], { ...environment, LND_MACAROON: '' });
    expect(code).toBe(2);
    for (const part of ['Bad Name', 'none must have a command', 'LND_MACAROON']) expect(stderr).toContain(part);
  });
});
