import { once } from 'node:events';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createEgress } from '@satway/egress';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

const read = (name: string): string => readFileSync(new URL(`./certificates/${name}`, import.meta.url), 'utf8');

let requests = 0;
const server = createServer({ cert: read('pinned.cert'), key: read('pinned.key') }, (_request, response) => {
  requests += 1;
  response.end('sealed');
});
let url = '';
let egress = createEgress({ allowHosts: ['127.0.0.1', 'localhost', '[::1]'] });

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterEach(async () => {
  await egress.close();
  egress = createEgress({ allowHosts: ['127.0.0.1', 'localhost', '[::1]'] });
});

afterAll(async () => {
  await egress.close();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const ask = (certificatePem?: string) =>
  egress.exchange({ method: 'GET', url, deadlineMs: 10_000, maxBodyBytes: 1000, tls: { certificatePem } });

describe('a pinned certificate', () => {
  it('is trusted by itself, whatever name it bears', async () => {
    expect(await (await ask(read('pinned.cert'))).text()).toBe('sealed');
  });

  it('is found among several in one file', async () => {
    expect(await (await ask(read('other.cert') + read('pinned.cert'))).text()).toBe('sealed');
  });

  it('refuses every other certificate before a byte of the request leaves', async () => {
    requests = 0;
    await expect(ask(read('other.cert'))).rejects.toMatchObject({
      code: 'EGRESS_TLS_MISMATCH',
      fundsMoved: 'no',
      facts: { requestMayHaveBeenSent: false },
    });
    expect(requests).toBe(0);
  });

  it.each(['', 'no certificate here', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])(
    'is refused when the file holds %j',
    async (pem) => {
      await expect(ask(pem)).rejects.toMatchObject({ code: 'EGRESS_TLS_MISMATCH' });
    },
  );

  it('is not shared with exchanges that pin nothing: those trust the system and refuse a self-signed peer', async () => {
    await (await ask(read('pinned.cert'))).text();
    await expect(ask()).rejects.toMatchObject({ code: 'EGRESS_UNREACHABLE', facts: { requestMayHaveBeenSent: false } });
  });
});

describe('a pinned fingerprint', () => {
  const fingerprint = new X509Certificate(read('pinned.cert')).fingerprint256;
  const askPinned = (fingerprint256: string) =>
    egress.exchange({ method: 'GET', url, deadlineMs: 10_000, maxBodyBytes: 1000, tls: { fingerprint256 } });

  it.each([
    ['with colons, upper case', fingerprint],
    ['with colons, lower case', fingerprint.toLowerCase()],
    ['without colons', fingerprint.replaceAll(':', '').toLowerCase()],
  ])('is enough, %s', async (_form, fingerprint256) => {
    expect(await (await askPinned(fingerprint256)).text()).toBe('sealed');
  });

  it('refuses every other certificate before a byte of the request leaves, and says which one was shown', async () => {
    requests = 0;
    const other = new X509Certificate(read('other.cert')).fingerprint256;
    await expect(askPinned(other)).rejects.toMatchObject({
      code: 'EGRESS_TLS_MISMATCH',
      fundsMoved: 'no',
      facts: { requestMayHaveBeenSent: false },
      detail: expect.stringContaining(fingerprint),
    });
    expect(requests).toBe(0);
  });

  it.each(['', 'ab', 'g'.repeat(64), `${fingerprint}:00`])('is refused when it is %j', async (fingerprint256) => {
    await expect(askPinned(fingerprint256)).rejects.toMatchObject({ code: 'EGRESS_TLS_MISMATCH' });
  });

  it('is not met by whatever the system trusts, and shares no connection with another pin', async () => {
    await (await askPinned(fingerprint)).text();
    await expect(askPinned('00'.repeat(32))).rejects.toMatchObject({ code: 'EGRESS_TLS_MISMATCH' });
    await expect(ask()).rejects.toMatchObject({ code: 'EGRESS_UNREACHABLE' });
  });
});
