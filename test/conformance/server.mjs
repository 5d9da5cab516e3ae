// `satway mcp` as it is installed, over HTTP, with a wallet of the sandbox network.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createSandboxNetwork, startSandboxLndServer } from '@satway/wallets/sandbox';

const command = fileURLToPath(new URL('../../packages/cli/bin/satway.mjs', import.meta.url));

export async function startServer() {
  const network = createSandboxNetwork();
  network.addNode('buyer', { balanceMsat: 10_000_000 });
  const lnd = await startSandboxLndServer(network);
  const home = mkdtempSync(join(tmpdir(), 'satway-conformance-home-'));
  const token = randomBytes(32).toString('hex');
  const child = spawn(process.execPath, [command, 'mcp'], {
    env: {
      PATH: process.env.PATH,
      LND_REST_HOST: lnd.url,
      LND_MACAROON: lnd.macaroonHex('buyer', 'pay'),
      BUDGET_SATS: '1000',
      SATWAY_ALLOW_HOSTS: '127.0.0.1',
      SATWAY_HOME: home,
      SATWAY_KEYCHAIN: 'off',
      TRANSPORT: 'http',
      PORT: '0',
      MCP_AUTH_TOKEN: token,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const port = await portOf(child);
  return {
    port,
    token,
    async close() {
      child.kill('SIGTERM');
      await once(child, 'exit');
      await lnd.close();
      network.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function portOf(child) {
  const said = [];
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line);
    const found = /MCP over HTTP: http:\/\/[^:/]+:(\d+)/.exec(line);
    if (found !== null) {
      child.stderr.resume();
      return Number(found[1]);
    }
  }
  throw new Error(`satway mcp did not start: ${said.join(' ')}`);
}
