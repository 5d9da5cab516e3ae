import { sha256Hex } from '../bytes/index.js';
import { ok, type Result } from '../result.js';
import { canonicalJson } from './canonical-json.js';

/** One call of a tool, as far as its price may depend on it. */
export interface ToolCall {
  /** The name under which the server sells, as its challenge's `resource` says it. */
  readonly server: string;
  readonly tool: string;
  readonly arguments: unknown;
}

/**
 * SHA-256 over the RFC 8785 form of `{server, tool, arguments}`: what `args_sha256=` and a challenge's `argsDigest` commit to. Left-out arguments count as `{}`.
 *
 * @returns 64 hex digits, or `JSON_NOT_CANONICAL`.
 */
export function toolArgsDigestHex({ server, tool, arguments: given }: ToolCall): Result<string> {
  const text = canonicalJson({ server, tool, arguments: given ?? {} });
  return text.ok ? ok(sha256Hex(text.value)) : text;
}

/** `mcp://<server>/<tool>`, each percent-encoded: which tool of whom a challenge is for. */
export function toolResource({ server, tool }: Pick<ToolCall, 'server' | 'tool'>): string {
  return `mcp://${encodeURIComponent(server)}/${encodeURIComponent(tool)}`;
}
