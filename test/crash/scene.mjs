// The parts of a run that stay: the origin behind the gateway, the database, the Lightning network, and the gateway's files.
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { initGatewayFiles } from '@satway/gateway';
import { startTestPostgres } from '../support/postgres/start-postgres.mjs';
import { startChild } from './child-processes.mjs';

/** Opens everything that nobody kills; `close` takes it down again. */
export async function openScene(folder, { store, prices, routingFee }) {
  const origin = await startOrigin();
  const task = { balanceMsat: 10_000_000_000, paymentDelayMs: 5, routingFee };
  const sandbox = await startChild('./sandbox-process.mjs', task);
  const { seller, buyer } = await sandbox.ready;
  const postgres = store === 'postgres' ? await startTestPostgres() : null;
  const port = await freePort();
  const configPath = await writeGatewayFiles({ folder, origin: origin.url, port, seller, postgres, prices });
  return {
    configPath,
    buyerDoor: buyer,
    gatewayUrls: [`http://127.0.0.1:${port}`, `http://localhost:${port}`],
    books: () => askForBooks(sandbox.child),
    async close() {
      sandbox.child.disconnect();
      await sandbox.gone;
      origin.server.closeAllConnections();
      origin.server.close();
      await postgres?.stop();
    },
  };
}

/** Answers with something that tells which request it answers, so that a repeat can be compared. */
async function startOrigin() {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const body = JSON.stringify({ method: request.method, path: request.url });
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
        .end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${server.address().port}` };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** As `satway gateway init` writes them, with this run's places filled in. A short lease, since the gateway is killed in the middle of claims. */
async function writeGatewayFiles({ folder, origin, port, seller, postgres, prices }) {
  const { configPath, keysPath, tenantId } = await initGatewayFiles(join(folder, 'gateway'));
  const macaroonPath = join(folder, 'gateway', 'invoice.macaroon');
  await writeFile(macaroonPath, Buffer.from(seller.macaroonHex, 'hex'));
  const urlPath = join(folder, 'gateway', 'database-url');
  if (postgres !== null) await writeFile(urlPath, postgres.url, { mode: 0o600 });
  const storeLine =
    postgres === null
      ? `{kind: pglite, folder: ${join(folder, 'gateway-data')}}`
      : `{kind: postgres, urlFile: ${urlPath}}`;
  const config = `version: 1
tenant: {id: ${tenantId}, slug: crash}
origin: ${origin}
listen: {host: 127.0.0.1, port: ${port}}
keys: ${keysPath}
store: ${storeLine}
wallet: {kind: lnd, url: "${seller.url}", macaroonFile: ${macaroonPath}}
endpoints:
  - {id: item, method: GET, path: /v1/item/:number, priceMsat: ${prices.item}, leaseMs: 500}
  - {id: order, method: POST, path: /v1/order/:number, priceMsat: ${prices.order}, leaseMs: 500}
  - {id: tile, method: GET, path: /v1/tile/:number, priceMsat: ${prices.tile}, uses: 3, leaseMs: 500}
rates: {requestsPerAddress: off, requestsPerAddressAndEndpoint: off, invoicesPerAddress: off, invoicesPerWallet: off}
log: {level: error}
`;
  await writeFile(configPath, config);
  return configPath;
}

function askForBooks(child) {
  return new Promise((resolve) => {
    const listen = (message) => {
      if (message.books === undefined) return;
      child.off('message', listen);
      resolve(message.books);
    };
    child.on('message', listen);
    child.send({ ask: 'books' });
  });
}
