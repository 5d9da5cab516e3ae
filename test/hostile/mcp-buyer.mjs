// The buyer as an agent has it: `satway mcp` as a process of its own, spoken to with a stock client over its standard streams.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { unwatched } from './outgoing.mjs';

const SATWAY = fileURLToPath(new URL('../../packages/cli/bin/satway.mjs', import.meta.url));
/** What an agent's user has set, unless a case says otherwise. */
const SETTINGS = {
  BUDGET_SATS: '1000000',
  MAX_AUTO_PAY_SATS: '1000000',
  MAX_SPEND_PER_MINUTE_SATS: '1000000',
  MAX_SPEND_PER_DAY_SATS: '1000000',
};

/** @param settings - environment variables of the case; `tool` calls one, and everything that the model gets to see is told. */
export async function openMcpBuyer({ walletUrl, walletMacaroonHex, allowHosts, folder, tell, settings = {} }) {
  const env = {
    PATH: process.env.PATH ?? '',
    LND_REST_HOST: walletUrl,
    LND_MACAROON: walletMacaroonHex,
    SATWAY_HOME: join(folder, 'home'),
    SATWAY_ALLOW_HOSTS: allowHosts.join(','),
    SATWAY_KEYCHAIN: 'off',
    ...SETTINGS,
    ...settings,
  };
  const transport = new StdioClientTransport({ command: process.execPath, args: [SATWAY, 'mcp'], env, stderr: 'pipe' });
  transport.stderr?.on('data', (chunk) => tell(String(chunk)));
  const client = new Client({ name: 'hostile-cases', version: '1.0.0' });
  await unwatched(() => client.connect(transport));
  return {
    tool: (name, given) => callTool(client, name, given, tell),
    call: (url) => callTool(client, 'call_api', { url }, tell),
    recover: async () => undefined,
    close: () => client.close(),
  };
}

async function callTool(client, name, given, tell) {
  const result = await client.callTool({ name, arguments: given });
  tell(JSON.stringify(result));
  const text = result.content.map((part) => part.text ?? '').join('\n');
  return { outcome: outcomeOf(result, text), text, data: result.structuredContent ?? {} };
}

/** The code of a refusal, the status of an answer, or where a call stands. */
function outcomeOf({ isError, structuredContent }, text) {
  const code = structuredContent?.error?.code ?? /^([A-Z][A-Z_0-9]+):/m.exec(text)?.[1];
  if (isError === true) return code ?? text.slice(0, 80);
  const { status, state } = structuredContent ?? {};
  return typeof status === 'number' ? `HTTP ${status}` : (state ?? 'done');
}
