export { type McpServerEntry, readMcpServers } from './mcp-servers.js';
export { shownResult } from './shown-result.js';
export { openUpstreams, type Upstream, type UpstreamTool, type Upstreams } from './upstreams.js';
