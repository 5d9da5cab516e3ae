import type { CallToolResult, McpServer } from '@modelcontextprotocol/server';
import { delegate } from '@satway/client';
import { z } from 'zod';
import type { SatwayContext } from '../context/index.js';
import { describeError, errorResult, toolResult } from '../output/index.js';

const inputSchema = z.strictObject({
  credential_id: z.string().max(60).describe('From buy_credential, or of an earlier delegation.'),
  method: z.string().max(20).optional().describe('Only this HTTP method.'),
  path_prefix: z.string().max(1000).optional().describe('Only paths below this one.'),
  valid_for_seconds: z.number().int().min(1).optional().describe('Only so long from now on.'),
  uses: z.number().int().min(1).optional().describe('Only so many calls, of all who have it together.'),
  max_sats: z.number().int().min(1).optional().describe('Only so much of what was paid, of all who have it together.'),
  reveal_token: z
    .boolean()
    .optional()
    .describe(
      'Also put the token into the answer, where everybody who reads the conversation can use it. Default false.',
    ),
});

const outputSchema = z.object({
  credentialId: z.string(),
  file: z.string().describe('Path of a file with the token.'),
  grant: z.string().describe('Names this branch.'),
  expiresAt: z.string(),
  token: z.string().nullable().describe('null unless it was asked for.'),
});

const DESCRIPTION = `Narrow a bought credential for somebody else: by method, path, time, number of calls or sats. Nothing is sent and nothing is paid. Only limits that the seller announces to enforce are taken.
The token comes as the path of a file, not in the text.`;

/** `delegate_credential`: a part of what was bought, for a sub-agent. */
export function registerDelegateCredential(server: McpServer, context: SatwayContext): void {
  server.registerTool(
    'delegate_credential',
    {
      title: 'Narrow a credential for somebody else',
      description: DESCRIPTION,
      inputSchema,
      outputSchema,
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
    },
    (given): CallToolResult => {
      try {
        return delegateTo(context, given);
      } catch (error) {
        return errorResult(error);
      }
    },
  );
}

/** @throws {SatwayError} `MCP_CREDENTIAL_UNKNOWN`, `MCP_PLACE_UNUSABLE`, `MCP_CREDENTIALS_FULL`. */
function delegateTo({ credentials, nowMs }: SatwayContext, given: z.infer<typeof inputSchema>): CallToolResult {
  const narrowed = delegate(credentials.read(given.credential_id), limitsOf(given), { nowMs });
  if (!narrowed.ok) {
    return { content: [{ type: 'text', text: describeError({ ...narrowed, fundsMoved: 'no' }) }], isError: true };
  }
  credentials.prepare();
  const { credentialId, file } = credentials.keep(narrowed.token);
  const expiresAt = new Date(narrowed.expiresAtMs).toISOString();
  const token = given.reveal_token === true ? narrowed.token : null;
  const said = token === null ? 'Hand over the file, and not its content.' : `Its token: ${token}`;
  return toolResult(`A narrower credential lies in the file ${file}, good until ${expiresAt}. ${said}`, {
    credentialId,
    file,
    grant: narrowed.grantHex,
    expiresAt,
    token,
  });
}

function limitsOf(given: z.infer<typeof inputSchema>) {
  const { method, path_prefix: pathPrefix, valid_for_seconds: seconds, uses, max_sats: maxSats } = given;
  return {
    ...(method === undefined ? {} : { method }),
    ...(pathPrefix === undefined ? {} : { pathPrefix }),
    ...(seconds === undefined ? {} : { validForMs: seconds * 1000 }),
    ...(uses === undefined ? {} : { uses }),
    ...(maxSats === undefined ? {} : { maxSats }),
  };
}
