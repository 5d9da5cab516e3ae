import type { CallToolResult } from '@modelcontextprotocol/client';

/** What a model sees of a tool's result; what stands in `_meta` is between the server and the client. */
export function shownResult({ content, structuredContent, isError }: CallToolResult): object {
  return {
    ...(isError === true ? { isError } : {}),
    content,
    ...(structuredContent === undefined ? {} : { structuredContent }),
  };
}
