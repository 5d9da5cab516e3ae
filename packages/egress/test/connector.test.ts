import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type TLSSocket } from 'node:tls';
import type { AddressInfo, LookupFunction } from 'node:net';
import { SatwayError } from '@satway/base';
import { describe, expect, it } from 'vitest';
import type { AddressPolicy } from '../src/address-policy/index.js';
import { createConnector } from '../src/connector/index.js';
import { guardedLookup } from '../src/connector/guarded-lookup.js';

const certificate = (name: string) => readFileSync(new URL(`certificates/${name}`, import.meta.url), 'utf8');

/** Takes these addresses for public ones. */
function policyThatKnows(known: readonly string[]): AddressPolicy {
  return {
    guards: () => true,
    assertPublic(_, address) {
      if (!known.includes(address)) throw new SatwayError('EGRESS_ADDRESS_REFUSED');
    },
  };
}

const looked = (lookup: LookupFunction, hostname: string, all: boolean) =>
  new Promise((resolve) => lookup(hostname, { all }, (error, ...found) => resolve(error ?? found)));

describe('a guarded look-up', () => {
  const resolver = (addresses: { address: string; family: number }[]) =>
    ((_: string, __: object, done: (error: null, found: typeof addresses) => void) => done(null, addresses)) as never;

  it('hands over what was judged, in the form that was asked for', async () => {
    const found = [
      { address: '93.184.215.14', family: 4 },
      { address: '2606:4700::1', family: 6 },
    ];
    const policy = policyThatKnows(found.map(({ address }) => address));
    expect(await looked(guardedLookup(policy, resolver(found)), 'a.example', true)).toEqual([found]);
    expect(await looked(guardedLookup(policy, resolver(found)), 'a.example', false)).toEqual(['93.184.215.14', 4]);
  });

  it('refuses a name when one of its addresses is private, wherever it stands', async () => {
    const policy = policyThatKnows(['93.184.215.14']);
    const good = { address: '93.184.215.14', family: 4 };
    const bad = { address: '10.0.0.1', family: 4 };
    for (const found of [[good, bad], [bad, good], [bad]]) {
      const answer = await looked(guardedLookup(policy, resolver(found)), 'a.example', false);
      expect(answer).toMatchObject({ code: 'EGRESS_ADDRESS_REFUSED' });
    }
  });
});

describe('a guarded connection', () => {
  async function startTls() {
    const server = createServer({ key: certificate('pinned.key'), cert: certificate('pinned.cert') }, (socket) => {
      socket.end();
    });
    const name = once(server, 'secureConnection').then(([socket]) => (socket as TLSSocket).servername);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { port: String((server.address() as AddressInfo).port), name, close: () => server.close() };
  }

  const connected = (policy: AddressPolicy, port: string, pem: string | undefined) =>
    new Promise<string>((resolve) => {
      const connect = createConnector({ connectTimeoutMs: 5000, policy, reach: 'public', certificatePem: pem });
      const target = { hostname: 'localhost', host: `localhost:${port}`, protocol: 'https:', port };
      connect(target, (error, socket) => {
        resolve(error === null ? 'connected' : ((error as { code?: string }).code ?? String(error)));
        // The other side says when it is done: it has seen the name by then.
        socket?.resume().once('end', () => socket.destroy());
      });
    });

  it('keeps the name for the other side, and its certificate is checked', async () => {
    const server = await startTls();
    const policy = policyThatKnows(['127.0.0.1', '::1']);
    expect(await connected(policy, server.port, certificate('pinned.cert'))).toBe('connected');
    expect(await server.name).toBe('localhost');
    expect(await connected(policy, server.port, certificate('other.cert'))).toBe('EGRESS_TLS_MISMATCH');
    expect(await connected(policy, server.port, undefined)).toMatch(/SELF_SIGNED|UNABLE_TO_VERIFY/);
    server.close();
  });

  it('is given up when the other end is not what the look-up said', async () => {
    const server = await startTls();
    const policy = { guards: () => true, assertPublic: passesOnce() };
    const outcome = await connected(policy, server.port, certificate('pinned.cert'));
    expect(outcome).toBe('EGRESS_ADDRESS_REFUSED');
    server.close();
  });
});

/** Lets every resolved address pass and refuses the connected one, which is judged last. */
function passesOnce(): AddressPolicy['assertPublic'] {
  const seen: string[] = [];
  return (_hostname, address) => {
    if (seen.includes(address)) throw new SatwayError('EGRESS_ADDRESS_REFUSED');
    seen.push(address);
  };
}
