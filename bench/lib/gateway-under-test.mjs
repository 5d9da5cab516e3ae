// The gateway as `satway gateway` runs it, from a configuration file, with two parts of the benchmark's own: a wallet that hands out
// invoices signed beforehand (after a wait, where one is asked for), and the file that its driver wrote.
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { loadGatewayConfig, startGateway } from '../../packages/gateway/dist/index.js';

const { configPath, invoicesPath, walletDelayMs } = JSON.parse(process.argv[2]);

/** An issuer over invoices that were signed before the clock started. */
function createPresignedIssuer(path, delayMs) {
  const invoices = path === null ? [] : JSON.parse(readFileSync(path, 'utf8'));
  let next = 0;
  return {
    network: 'regtest',
    preimageIsProof: true,
    async create({ amountMsat }) {
      if (delayMs > 0) await wait(delayMs);
      const issued = invoices[next++];
      if (issued === undefined || issued.amountMsat !== amountMsat)
        throw new Error('no invoice is left for this price');
      return issued;
    },
    async lookUp() {
      return { state: 'open', expiresAtMs: Date.now() + 600_000 };
    },
    onSettled: () => () => undefined,
  };
}

const gateway = await startGateway(await loadGatewayConfig(configPath), {
  issuer: createPresignedIssuer(invoicesPath, walletDelayMs),
});
console.log(JSON.stringify({ url: gateway.url }));
process.on('SIGTERM', () => gateway.close().then(() => process.exit(0)));
