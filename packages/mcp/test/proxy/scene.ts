import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type ElicitResult, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createEgress } from '@satway/egress';
import type { InvoicePayer } from '@satway/wallets';
import { createSandboxNetwork } from '@satway/wallets/sandbox';
import { onTestFinished } from 'vitest';
import {
  createSatwayMcpServer,
  type McpServerEntry,
  openSatwayContext,
  openUpstreams,
  readMcpSettings,
} from '../../src/index.js';
import { temporaryStore } from '../approval/scene.js';
import { serveHere, TOKEN } from '../http/scene.js';
import { pricedServer } from './priced-server.js';

const headers = { authorization: `Bearer ${TOKEN}` };

export interface SceneOptions extends Partial<Omit<Parameters<typeof pricedServer>[0], 'issuer'>> {
  readonly environment?: NodeJS.ProcessEnv;
  readonly entries?: (url: string) => McpServerEntry[];
  /** Hears the lines of stderr. */
  readonly tell?: (line: string) => void;
  /** Stands before the wallet. */
  readonly wallet?: (payer: InvoicePayer) => InvoicePayer;
}

export interface Told {
  readonly text: string;
  readonly data: Record<string, unknown>;
  readonly isError: boolean;
}

/** What the host's person does with a form. */
export type Elicit = (form: { message: string }) => Promise<ElicitResult>;

interface ConnectOptions {
  readonly era?: '2025' | '2026';
  /** Left out: the host has no forms. */
  readonly elicit?: Elicit;
}

/** An agent at an MCP server of ours. */
export async function connectAgent(url: string, { era = '2026', elicit }: ConnectOptions = {}) {
  const capabilities = elicit === undefined ? {} : { elicitation: { form: {} } };
  const mode = era === '2026' ? { pin: '2026-07-28' } : 'legacy';
  const client = new Client({ name: 'agent', version: '1' }, { capabilities, versionNegotiation: { mode } });
  if (elicit !== undefined) client.setRequestHandler('elicitation/create', ({ params }) => elicit(params));
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  onTestFinished(() => client.close());
  const call = async (name: string, given: Record<string, unknown> = {}): Promise<Told> => {
    const result = await client.callTool({ name, arguments: given });
    const content = result.content as { text?: string }[];
    return {
      text: content.map(({ text }) => text ?? '').join('\n'),
      data: (result.structuredContent ?? {}) as Record<string, unknown>,
      isError: result.isError === true,
    };
  };
  return { client, call };
}

/** An agent's server with a priced server behind it, both over HTTP, and a wallet of the sandbox network. */
export async function setTheScene({
  environment = {},
  entries,
  tell,
  wallet = (payer) => payer,
  ...selling
}: SceneOptions = {}) {
  const network = createSandboxNetwork();
  onTestFinished(() => network.close());
  const { issuer } = network.addNode('seller');
  const { payer } = network.addNode('buyer', { balanceMsat: 100_000_000 });
  const sold = pricedServer({ issuer, ...selling });
  const { url } = await serveHere({ factory: sold.factory, limits: { requestsPerMinute: 10_000 } });
  const egress = createEgress({ allowHosts: ['127.0.0.1'] });
  const upstreams = openUpstreams(entries?.(url) ?? [{ name: 'weather', kind: 'http', url, headers }], egress);
  const home = mkdtempSync(join(tmpdir(), 'satway-proxy-'));
  const settings = readMcpSettings({ SATWAY_HOME: home, BUDGET_SATS: '100', ...environment });
  const store = temporaryStore();
  const context = openSatwayContext({
    wallet: wallet(payer),
    store,
    egress,
    settings,
    upstreams,
    ...(tell === undefined ? {} : { tell }),
  });
  onTestFinished(async () => {
    await context.close();
    await upstreams.close();
    await egress.close();
    rmSync(home, { recursive: true, force: true });
  });
  const agent = await serveHere({ factory: createSatwayMcpServer(context), limits: { requestsPerMinute: 10_000 } });
  const { client, call } = await connectAgent(agent.url);
  const spentMsat = () =>
    (network.books().nodes.find(({ name }) => name === 'buyer')?.payments ?? [])
      .filter(({ state }) => state === 'SUCCEEDED')
      .reduce((sum, { amountMsat }) => sum + amountMsat, 0);
  return { network, issuer, home, url, agentUrl: agent.url, context, sold, store, client, call, spentMsat };
}
