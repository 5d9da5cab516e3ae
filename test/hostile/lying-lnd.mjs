// An LND that lies: it stands before the sandbox's, hands every request on, and says something else of what became of it.
import { request as ask } from 'node:http';
import { unwatched } from './outgoing.mjs';
import { WALLET } from './scene.mjs';

const SEND = '/v2/router/send';
const TRACK = '/v2/router/track/';

/**
 * @param lies - `send` and `track` answer in the place of those calls: they get `{ lines, response, request }`, the lines being what the true wallet said. What is
 *   left out is told as it is.
 */
export async function openLyingLnd(scene, { send, track }) {
  return scene.serve(WALLET, async (request, response) => {
    const truth = await unwatched(() => passOn(scene.front.port, request));
    const lie = request.url.startsWith(SEND) ? send : request.url.startsWith(TRACK) ? track : undefined;
    if (lie !== undefined) return lie({ lines: linesOf(truth.text), response, request });
    return response.writeHead(truth.status, truth.headers).end(truth.text);
  });
}

/** What the true wallet said last, changed, as the one line of an answer. */
export function lastLine(change) {
  return ({ lines, response }) => {
    const { result } = JSON.parse(lines.at(-1));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify({ result: { ...result, ...change(result) } })}\n`);
  };
}

export function words(text, status = 200) {
  return ({ response }) => response.writeHead(status, { 'content-type': 'application/json' }).end(text);
}

function linesOf(text) {
  return text.split('\n').filter((line) => line !== '');
}

function passOn(port, { method, url, headers, body }) {
  return new Promise((resolve, reject) => {
    const { 'transfer-encoding': _chunks, connection: _connection, ...rest } = headers;
    const outgoing = ask({ host: '127.0.0.1', port, method, path: url, headers: rest, agent: false }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk) => (text += chunk));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode, headers: { 'content-type': 'application/json' }, text }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
