import { readFileSync } from 'node:fs';
import { SatwayError } from '@satway/base';
import { z } from 'zod';

/** One server of the file, by its name there. */
export type McpServerEntry =
  | {
      readonly name: string;
      readonly kind: 'stdio';
      readonly command: string;
      readonly args: readonly string[];
      /** Beside the few variables that every program needs; nothing else of this process's environment goes along. */
      readonly env: Readonly<Record<string, string>>;
      readonly cwd: string | null;
    }
  | {
      readonly name: string;
      readonly kind: 'http';
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
    };

const NAME_RULE = 'must be lower-case letters, digits and hyphens';

const texts = z.record(z.string(), z.string()).default({});
const overStdio = z.strictObject({
  type: z.literal('stdio').optional(),
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  env: texts,
  cwd: z.string().optional(),
});
const overHttp = z.strictObject({
  type: z.enum(['http', 'streamable-http']).optional(),
  url: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }),
  headers: texts,
});
const file = z.object({
  mcpServers: z.record(
    z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,40}[a-z0-9])?$/, NAME_RULE),
    z.union([overStdio, overHttp], 'must have a command, or a url'),
  ),
});

/**
 * Reads the servers whose tools are offered on, in the form that MCP hosts use: `{"mcpServers": {"name": {"command": …} | {"url": …}}}`.
 *
 * @throws {SatwayError} `MCP_SETTINGS_INVALID`, with every mistake; names places, never values.
 */
export function readMcpServers(path: string): McpServerEntry[] {
  const parsed = file.safeParse(readJson(path));
  if (!parsed.success) {
    const mistakes = parsed.error.issues.map(
      (issue) => `${issue.path.join('.')} ${issue.code === 'invalid_key' ? NAME_RULE : issue.message}.`,
    );
    throw new SatwayError('MCP_SETTINGS_INVALID', { detail: `SATWAY_MCP_SERVERS: ${mistakes.join(' ')}` });
  }
  return Object.entries(parsed.data.mcpServers).map(([name, entry]) =>
    'url' in entry
      ? { name, kind: 'http', url: entry.url, headers: entry.headers }
      : { name, kind: 'stdio', command: entry.command, args: entry.args, env: entry.env, cwd: entry.cwd ?? null },
  );
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch (cause) {
    // The parser's own error quotes the text, which holds the user's keys for other servers.
    if (cause instanceof SyntaxError) throw unusable('is no JSON');
    throw unusable('cannot be read', cause);
  }
}

function unusable(what: string, cause?: unknown): SatwayError {
  return new SatwayError('MCP_SETTINGS_INVALID', { detail: `The file of SATWAY_MCP_SERVERS ${what}.`, cause });
}
