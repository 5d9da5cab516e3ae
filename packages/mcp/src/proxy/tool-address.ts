/** A name that no DNS ever knows: what is not caught here goes nowhere. */
const SUFFIX = '.mcp.invalid';

/** The address under which a tool of another server stands in the journal, in budgets and in questions to people. */
export function toolAddress(server: string, tool: string): string {
  return `https://${server}${SUFFIX}/tools/${encodeURIComponent(tool)}`;
}

/** Whether an address is that of a tool. */
export function isToolAddress(url: string): boolean {
  return URL.canParse(url) && new URL(url).hostname.endsWith(SUFFIX);
}

/** Which tool an address names; `null` for anything that `toolAddress` does not write. */
export function readToolAddress(url: string): { readonly server: string; readonly tool: string } | null {
  const { hostname, pathname } = new URL(url);
  const tool = decoded(/^\/tools\/([^/]+)$/.exec(pathname)?.[1] ?? '');
  const server = hostname.slice(0, -SUFFIX.length);
  return tool !== null && tool !== '' && toolAddress(server, tool) === url ? { server, tool } : null;
}

/** `null` for what is percent-encoded wrongly. */
export function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
