export { type McpServerEntry, readMcpServers } from './mcp-servers.js';
export { isToolAddress, toolAddress } from './tool-address.js';
export { createToolEgress } from './tool-egress.js';
export { openUpstreams, type Upstream, type UpstreamTool, type Upstreams } from './upstreams.js';
