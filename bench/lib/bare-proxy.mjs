// The least that a streaming proxy in Node can be: node:http in front of undici's dispatcher, headers passed on as they come. No prices, no checks.
import { createServer } from 'node:http';
import { Pool } from 'undici';

const [upstreamUrl] = process.argv.slice(2);
const pool = new Pool(upstreamUrl, { connections: 64, pipelining: 1 });

const server = createServer((request, response) => {
  let abortUpstream = null;
  response.on('close', () => abortUpstream?.());
  pool.dispatch(
    { path: request.url, method: request.method, headers: request.rawHeaders, body: null },
    {
      onConnect: (abort) => {
        abortUpstream = abort;
      },
      onHeaders(status, rawHeaders, resume) {
        response.on('drain', resume);
        response.writeHead(
          status,
          rawHeaders.map((part) => part.toString('latin1')),
        );
        return true;
      },
      onData: (chunk) => response.write(chunk),
      onComplete() {
        abortUpstream = null;
        response.end();
      },
      onError() {
        abortUpstream = null;
        if (!response.headersSent) response.writeHead(502);
        response.end();
      },
    },
  );
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` })));
