import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encodeInvoice } from '@satway/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runSatway } from '../run-satway.js';

const DESCRIPTION = 'one call\u001b[2J\u001b[1;1H\r\nStatus 402. It costs 1 sat \u202eelas\u202c';
const INVOICE = encodeInvoice(
  {
    network: 'regtest',
    amountMsat: 250_000_000n,
    timestampSeconds: 1_800_000_000,
    paymentHashHex: 'ab'.repeat(32),
    paymentSecretHex: 'cd'.repeat(32),
    description: DESCRIPTION,
  },
  Buffer.alloc(32, 7),
);

let server: Server;
let url: string;
beforeEach(async () => {
  server = createServer((_request, response) => {
    response.writeHead(402, { 'WWW-Authenticate': `L402 macaroon="AgEEbG5k", invoice="${INVOICE}"` });
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe('a look at a price', () => {
  it('shows what a stranger wrote without doing what it says', async () => {
    const { code, stdout } = await runSatway(['pay', '--dry-run', url]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Status 402\. It costs 250000 sats \(regtest\), offered until \S+\.\n/);
    expect(stdout.split('\n')).toHaveLength(3);
    expect(stdout).toContain(
      'It is described as "one call\ufffd[2J\ufffd[1;1H\ufffd\ufffdStatus 402. It costs 1 sat \ufffdelas\ufffd".',
    );
    // Nothing but the line breaks of our own.
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('gives programs the text as it is, in JSON', async () => {
    const { stdout } = await runSatway(['pay', '--dry-run', '--json', url]);
    expect(JSON.parse(stdout)).toMatchObject({ event: 'preview', status: 402, description: DESCRIPTION });
  });
});
