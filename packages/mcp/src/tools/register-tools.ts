import type { McpServer } from '@modelcontextprotocol/server';
import type { SatwayContext } from '../context/index.js';
import { registerCallApi } from './call-api.js';

/** Every tool of the server. None of them takes or returns anything by which a payment could be allowed. */
export function registerTools(server: McpServer, context: SatwayContext): void {
  registerCallApi(server, context);
}
