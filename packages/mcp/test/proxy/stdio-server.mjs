// An MCP server over standard streams that tells what it was started with.
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';

serveStdio(() => {
  const server = new McpServer({ name: 'local', version: '1' });
  server.registerTool('environment', { description: 'Tells its environment.' }, async () => ({
    content: [{ type: 'text', text: JSON.stringify({ ...process.env, PID: String(process.pid) }) }],
  }));
  server.registerTool('end', { description: 'Ends the server.' }, async () => process.exit(0));
  return server;
});
