export type { AskingCall, Call, CallEnd, CallRequest, CallStep, MakeApprover } from './calls/index.js';
export { openSatwayContext, type SatwayContext, type SatwayContextOptions } from './context/index.js';
export { type McpServerEntry, openUpstreams, readMcpServers, type Upstream, type Upstreams } from './proxy/index.js';
export { createSatwayMcpServer, SERVER_NAME } from './server/index.js';
export {
  type KnownSeller,
  MCP_SECRET_VARIABLES,
  MCP_VARIABLES,
  type McpSettings,
  readMcpSettings,
} from './settings/index.js';
export { quietConsole, serveOverStdio, type StdioConnection } from './stdio/index.js';
