import { readFileSync } from 'node:fs';
import { MCP_VARIABLES } from '@satway/mcp';
import { WALLET_VARIABLES } from '@satway/wallets/environment';
import { parse as parseToml } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/mcp-hosts.md', root), 'utf8');

const WALLETS = Object.values(WALLET_VARIABLES).flat();
const KNOWN = new Set<string>([
  ...MCP_VARIABLES,
  ...WALLETS,
  ...WALLETS.map((name) => `${name}_FILE`),
  'SATWAY_ALLOW_HOSTS',
]);

const environment = z.record(z.string(), z.string()).superRefine((given, ctx) => {
  for (const name of Object.keys(given)) if (!KNOWN.has(name)) ctx.addIssue(`${name} is no variable of ours`);
});
const started = z.strictObject({
  type: z.literal('stdio').optional(),
  command: z.literal('npx'),
  args: z.tuple([z.literal('-y'), z.literal('satway'), z.literal('mcp')]),
  env: environment,
});
const reached = z.strictObject({
  type: z.literal('http'),
  url: z.string().regex(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/),
  headers: z.strictObject({ Authorization: z.string().regex(/^Bearer \$\{[A-Z_]+\}$/) }),
});

/** What each host reads, as far as its documentation says it. */
const HOSTS = {
  'Claude Desktop': z.strictObject({ mcpServers: z.strictObject({ satway: started }) }),
  'Claude Code': z.strictObject({ mcpServers: z.strictObject({ satway: started }) }),
  Cursor: z.strictObject({ mcpServers: z.strictObject({ satway: started }) }),
  'VS Code': z.strictObject({
    inputs: z.array(
      z.strictObject({
        type: z.literal('promptString'),
        id: z.string(),
        description: z.string(),
        password: z.literal(true),
      }),
    ),
    servers: z.strictObject({ satway: started }),
  }),
  Codex: z.strictObject({
    mcp_servers: z.strictObject({
      satway: started.extend({
        startup_timeout_sec: z.number(),
        // The server answers within 60 seconds; a host that waits for less would never see a handle.
        tool_timeout_sec: z.number().min(61),
      }),
    }),
  }),
  'Over HTTP': z.strictObject({ mcpServers: z.strictObject({ satway: reached }) }),
};

function snippetOf(host: string): unknown {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${host}\n`)) ?? '';
  const [, language, text = ''] = /^```(json|toml)\n(.*?)^```/ms.exec(section) ?? [];
  return language === 'toml' ? parseToml(text) : JSON.parse(text);
}

describe('the snippets for hosts', () => {
  it.each(Object.entries(HOSTS))('of %s are what it reads, with variables that are ours', (host, form) => {
    expect(form.safeParse(snippetOf(host))).toMatchObject({ success: true });
  });

  it('of VS Code ask for every input that they use', () => {
    const snippet = HOSTS['VS Code'].parse(snippetOf('VS Code'));
    const used = Object.values(snippet.servers.satway.env).flatMap((value) =>
      [...value.matchAll(/\$\{input:([^}]+)\}/g)].map(([, id]) => id),
    );
    expect(used).toEqual(snippet.inputs.map(({ id }) => id));
  });

  it('hold no secret in plain text', () => {
    for (const name of ['LND_MACAROON"', 'NWC_URI": "nostr', 'LNBITS_ADMIN_KEY"']) expect(page).not.toContain(name);
  });
});

describe('server.json', () => {
  const server = JSON.parse(readFileSync(new URL('server.json', root), 'utf8')) as Record<string, unknown>;
  const manifest = JSON.parse(readFileSync(new URL('packages/cli/package.json', root), 'utf8')) as Record<
    string,
    string
  >;
  const form = z.object({
    name: z.string().regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
    title: z.string().min(1).max(100),
    description: z.string().min(1).max(100),
    version: z.string().regex(/^\d+\.\d+\.\d+$/),
    packages: z.tuple([
      z.strictObject({
        registryType: z.literal('npm'),
        identifier: z.literal('satway'),
        version: z.string(),
        runtimeHint: z.literal('npx'),
        transport: z.strictObject({ type: z.literal('stdio') }),
        packageArguments: z.tuple([z.strictObject({ type: z.literal('positional'), value: z.literal('mcp') })]),
        environmentVariables: z.array(
          z.strictObject({
            name: z.string().refine((name) => KNOWN.has(name)),
            description: z.string().min(1),
            format: z.enum(['string', 'number', 'boolean', 'filepath']),
            isSecret: z.boolean().optional(),
            default: z.string().optional(),
          }),
        ),
      }),
    ]),
  });

  it('describes the package as the registry wants it', () => {
    expect(form.safeParse(server)).toMatchObject({ success: true });
  });

  it('has the name and the version of the package', () => {
    const read = form.parse(server);
    expect([read.version, read.packages[0].version]).toEqual([manifest['version'], manifest['version']]);
    expect(manifest['mcpName']).toBe(read.name);
  });

  it('marks what is secret', () => {
    const variables = form.parse(server).packages[0].environmentVariables;
    expect(variables.filter(({ isSecret }) => isSecret).map(({ name }) => name)).toEqual(['LND_MACAROON', 'NWC_URI']);
  });
});
