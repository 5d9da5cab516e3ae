// An MCP server over HTTP whose one tool answers as a case wants; everything else it does as a server should.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const TOOL = { name: 'forecast', description: 'Tells the weather.', inputSchema: { type: 'object' } };

/** @param answer - gives the result of a `tools/call`, from its parameters. */
export function openToolServer(scene, answer) {
  return scene.serve('tools', (request, response) => {
    const message = parse(request.body);
    // Whoever does not speak the protocol is answered as if it had called the tool.
    if (message === null) return writeJson(response, answer({ arguments: {} }));
    if (request.method !== 'POST') return response.writeHead(405).end();
    if (message.id === undefined) return response.writeHead(202).end();
    return writeJson(response, { jsonrpc: '2.0', id: message.id, result: resultOf(message, answer) });
  });
}

function resultOf({ method, params }, answer) {
  switch (method) {
    case 'initialize':
      return {
        protocolVersion: params.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: 'tools', version: '1.0.0' },
      };
    case 'tools/list':
      return { tools: [TOOL] };
    case 'tools/call':
      return answer(params);
    default:
      return {};
  }
}

/** A challenge for the tool; what is given changes what it says. */
export function toolChallenge({ token, invoice, paymentHashHex }, changes = {}) {
  const challenge = {
    version: 1,
    scheme: 'L402',
    token,
    invoice,
    paymentHash: paymentHashHex,
    amountMsat: 5_000,
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    resource: `mcp://tools/${TOOL.name}`,
    ...changes,
  };
  return {
    isError: true,
    content: [{ type: 'text', text: 'Pay first.' }],
    _meta: { 'dev.satway/challenge': challenge },
  };
}

/** Names the server to `satway mcp`. */
export function settingsFor(scene, { url }) {
  const file = join(scene.folder, 'servers.json');
  writeFileSync(file, JSON.stringify({ mcpServers: { tools: { url: `${url}/mcp` } } }));
  return { SATWAY_MCP_SERVERS: file };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function writeJson(response, value) {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
