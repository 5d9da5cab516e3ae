// The suite knows no bearer tokens, and our server serves nobody without one: this passes its requests on as they are, with the token added. Where they name this
// front as host, they name the server; other names of hosts and origins stay, since the server has to refuse them.
import { createServer, request as send } from 'node:http';
import { once } from 'node:events';

/** The server takes a hundred requests a minute from one address, and the suite makes more: each address of loopback is somebody else. */
const REQUESTS_PER_ADDRESS = 50;

export async function startBearer({ port, token }) {
  let seen = 0;
  const front = createServer((request, response) => {
    const localAddress = `127.0.1.${1 + (Math.floor(seen++ / REQUESTS_PER_ADDRESS) % 250)}`;
    const headers = { ...request.headers, authorization: `Bearer ${token}` };
    const own = `127.0.0.1:${front.address().port}`;
    if (headers.host === own) headers.host = `127.0.0.1:${port}`;
    if (headers.origin === `http://${own}`) headers.origin = `http://127.0.0.1:${port}`;
    const { method, url: path } = request;
    const onward = send({ host: '127.0.0.1', port, localAddress, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  await once(front.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${front.address().port}/mcp`,
    async close() {
      front.closeAllConnections();
      front.close();
    },
  };
}
