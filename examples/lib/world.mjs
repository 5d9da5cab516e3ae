// What the examples need around them, on this machine alone: a Lightning network with a seller's and a buyer's node, an API that knows nothing of
// payments, and a gateway that sells it. All of it is what `satway sandbox` and `satway gateway` start, too.
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPurchaseStore } from '@satway/client';
import { createLogger, initGatewayFiles, loadGatewayConfig, startGateway } from '@satway/gateway';
import { connectPayingWallet } from '@satway/wallets/open-wallet';
import { createSandboxNetwork, startSandboxLndServer } from '@satway/wallets/sandbox';

// The stores of the examples live for a moment: their key lies beside them, and not in the keychain of whoever runs this.
process.env.SATWAY_KEYCHAIN ??= 'off';

/** Runs a story in a world that is taken down whatever happens. `endpoints`: lines of the gateway's list; `answer`: the API. */
export async function inWorld({ endpoints, answer }, story) {
  const closers = [];
  const later = (close) => closers.unshift(close);
  try {
    const folder = mkdtempSync(join(tmpdir(), 'satway-example-'));
    later(() => rmSync(folder, { recursive: true, force: true }));
    const lightning = await openLightning(later);
    const api = await openApi(answer, later);
    const gateway = await openGateway(join(folder, 'shop'), { api, lightning, endpoints }, later);
    const storePath = join(folder, 'buyer', 'purchases.db');
    const buyer = { kind: 'lnd', url: lightning.lnd.url, macaroonHex: lightning.lnd.macaroonHex('buyer', 'pay') };
    await story({
      url: (path) => gateway.url + path,
      /** As `SATWAY_ALLOW_HOSTS` says it: nothing private is reached that was not named. */
      allowHosts: [new URL(gateway.url).host],
      served: api.served,
      earnedSats: lightning.earnedSats,
      buyerWallet: buyer,
      storePath,
      async openBuyer() {
        const wallet = await connectPayingWallet(buyer);
        later(() => wallet.close());
        const store = openPurchaseStore({ path: storePath });
        later(() => store.close());
        return { wallet, store };
      },
      later,
    });
  } finally {
    for (const close of closers) await close();
  }
}

async function openLightning(later) {
  const network = createSandboxNetwork();
  later(() => network.close());
  network.addNode('seller');
  network.addNode('buyer', { balanceMsat: 1_000_000_000 });
  const lnd = await startSandboxLndServer(network, { port: 0, tls: false });
  later(() => lnd.close());
  const balanceOf = (name) => network.books().nodes.find((node) => node.name === name)?.balanceMsat ?? 0;
  return { lnd, earnedSats: () => balanceOf('seller') / 1000 };
}

async function openApi(answer, later) {
  const served = [];
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      served.push(`${request.method} ${request.url}`);
      answer(request, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  later(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${server.address().port}`, served };
}

async function openGateway(folder, { api, lightning, endpoints }, later) {
  const { configPath, tenantId } = await initGatewayFiles(folder);
  // It can make and look up invoices, and no more.
  writeFileSync(join(folder, 'wallet.macaroon'), lightning.lnd.macaroonHex('seller', 'invoice'), { mode: 0o600 });
  const lines = endpoints.map((endpoint) => `  - ${JSON.stringify(endpoint)}`).join('\n');
  writeFileSync(
    configPath,
    `version: 1
tenant: {id: ${tenantId}, slug: example}
origin: ${api.url}
listen: {host: 127.0.0.1, port: 0}
keys: ./keys.json
store: {kind: memory}
wallet: {kind: lnd, url: "${lightning.lnd.url}", macaroonFile: ./wallet.macaroon}
endpoints:
${lines}
`,
  );
  const gateway = await startGateway(await loadGatewayConfig(configPath), { logger: createLogger('error') });
  later(() => gateway.close());
  return gateway;
}
