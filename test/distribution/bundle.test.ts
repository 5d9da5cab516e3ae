import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getMcpConfigForManifest, hasRequiredConfigMissing, unpackExtension, v0_3 } from '@anthropic-ai/mcpb';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { createSandboxNetwork, startSandboxLndServer } from '@satway/wallets/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/build-mcpb.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'satway-bundle-'));
const installed = join(folder, 'installed');
const manifest = () =>
  v0_3.McpbManifestSchema.parse(JSON.parse(readFileSync(join(installed, 'manifest.json'), 'utf8')));

beforeAll(async () => {
  const built = execFileSync(process.execPath, [script, folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  expect(await unpackExtension({ mcpbPath: built.trim(), outputDir: installed, silent: true })).toBe(true);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a host starts, once its person has filled in the form. */
async function startedBy(userConfig: Record<string, string | number>) {
  const config = await getMcpConfigForManifest({
    manifest: manifest(),
    extensionPath: installed,
    systemDirs: { HOME: folder, DESKTOP: folder, DOCUMENTS: folder, DOWNLOADS: folder },
    userConfig,
    pathSeparator: '/',
  });
  if (config === undefined) throw new Error('the bundle cannot be started');
  return config;
}

describe('the bundle', () => {
  it('starts in a host, and serves the tools with the wallet of the form', async () => {
    const network = createSandboxNetwork();
    network.addNode('buyer', { balanceMsat: 1_000_000 });
    const lnd = await startSandboxLndServer(network);
    const form = { lnd_rest_host: lnd.url, lnd_macaroon: lnd.macaroonHex('buyer', 'pay'), budget_sats: 50 };
    const { command, args = [], env = {} } = await startedBy(form);
    const home = { SATWAY_HOME: join(folder, 'home'), SATWAY_KEYCHAIN: 'off', PATH: process.env['PATH'] ?? '' };
    const client = new Client({ name: 'host', version: '1.0.0' });
    await client.connect(new StdioClientTransport({ command, args, env: { ...env, ...home }, stderr: 'ignore' }));
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('call_api');
    const budget = await client.callTool({ name: 'budget_status', arguments: {} });
    expect(JSON.stringify(budget)).toContain('50');
    await client.close();
    await lnd.close();
    network.close();
  });

  it('keeps what is secret in the keychain of the host, and asks for a budget', () => {
    const { user_config: fields = {} } = manifest();
    const secret = Object.keys(fields).filter((name) => fields[name]?.sensitive === true);
    expect(secret).toEqual(['lnd_macaroon', 'nwc_uri']);
    expect(fields['budget_sats']).toMatchObject({ required: true, default: 1000 });
    expect(hasRequiredConfigMissing({ manifest: manifest(), userConfig: {} })).toBe(true);
  });

  it('leaves the form as narrow as it was given: what is empty sets nothing', async () => {
    const { env = {} } = await startedBy({ budget_sats: 50 });
    expect(env).toMatchObject({
      LND_MACAROON: '',
      SATWAY_ALLOW_HOSTS: '',
      BUDGET_SATS: '50',
      MAX_AUTO_PAY_SATS: '100',
    });
  });
});
