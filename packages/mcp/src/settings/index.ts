export { isSlug, MCP_SECRET_VARIABLES, MCP_VARIABLES, readMcpSettings } from './read-settings.js';
export type { KnownSeller, McpSettings } from './settings.js';
