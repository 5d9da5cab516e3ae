import type { CallToolResult } from '@modelcontextprotocol/client';

type Content = CallToolResult['content'][number];

/** Takes bytes of a result away, into a file. Returns what stands in their place; `null` where they have to stay. */
export type KeepBytes = (part: { readonly mimeType: string; readonly bytes: Uint8Array }) => object | null;

/** What a model sees of a tool's result; what stands in `_meta` is between the server and the client. */
export function shownResult({ content, structuredContent, isError }: CallToolResult, keepBytes: KeepBytes): object {
  return {
    ...(isError === true ? { isError } : {}),
    content: content.map((each) => shownContent(each, keepBytes)),
    ...(structuredContent === undefined ? {} : { structuredContent }),
  };
}

/** Pictures, sound and other bytes as files: in base64 they would fill the conversation, and say nothing there. */
function shownContent(content: Content, keepBytes: KeepBytes): object {
  if (content.type === 'image' || content.type === 'audio') {
    const { data, ...rest } = content;
    const kept = keepBase64(data, content.mimeType, keepBytes);
    return kept === null ? content : { ...rest, ...kept };
  }
  if (content.type !== 'resource' || !('blob' in content.resource)) return content;
  const { blob, ...rest } = content.resource;
  const kept = keepBase64(blob, rest.mimeType ?? '', keepBytes);
  return kept === null ? content : { ...content, resource: { ...rest, ...kept } };
}

function keepBase64(base64: string, mimeType: string, keepBytes: KeepBytes): object | null {
  const bytes = Buffer.from(base64, 'base64');
  // What is no base64 would be lost.
  const isWhole = bytes.length >= Math.floor((base64.length * 3) / 4) - 2;
  return isWhole && bytes.length > 0 ? keepBytes({ mimeType, bytes }) : null;
}
