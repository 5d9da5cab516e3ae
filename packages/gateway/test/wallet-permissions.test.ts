import { createSandboxNetwork, startSandboxLndServer } from '@satway/wallets/sandbox';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listDangerousPermissions } from '../src/server/wallet-permissions.js';

/** A v2 macaroon with this identifier: version, location "lnd", identifier, no caveats, a signature. */
function macaroonHex(identifierHex: string): string {
  const length = Buffer.from([identifierHex.length / 2]).toString('hex');
  return `0201036c6e6402${length}${identifierHex}00000620${'11'.repeat(32)}`;
}

/** `03`, then {1: nonce, 2: "0"}, then one operation for each `entity:action`. */
function identifierHex(...permissions: string[]): string {
  const operations = permissions.map((permission) => {
    const [entity = '', action = ''] = permission.split(/:(.*)/s);
    const body = [0x0a, entity.length, ...Buffer.from(entity), 0x12, action.length, ...Buffer.from(action)];
    return Buffer.from([0x1a, body.length, ...body]).toString('hex');
  });
  return `030a02abcd120130${operations.join('')}`;
}

describe('the permissions of a wallet credential', () => {
  it('are named where they go beyond receiving', () => {
    const hex = macaroonHex(identifierHex('invoices:write', 'offchain:write', 'onchain:write', 'macaroon:generate'));
    expect(listDangerousPermissions(hex)).toEqual([
      'pay (offchain:write)',
      'spend on-chain (onchain:write)',
      'make more powerful macaroons (macaroon:generate)',
    ]);
  });

  it('are named where they allow a single call that pays', () => {
    const hex = macaroonHex(identifierHex('uri:/routerrpc.Router/SendPaymentV2', 'uri:/lnrpc.Lightning/AddInvoice'));
    expect(listDangerousPermissions(hex)).toEqual(['do more than receive (uri:/routerrpc.Router/SendPaymentV2)']);
  });

  it('are not worth a word where they are those of an invoice macaroon', () => {
    const permissions = ['address:read', 'address:write', 'invoices:read', 'invoices:write', 'onchain:read'];
    expect(listDangerousPermissions(macaroonHex(identifierHex(...permissions)))).toEqual([]);
  });

  it('tell an admin macaroon from an invoice macaroon', async () => {
    const network = createSandboxNetwork();
    network.addNode('seller');
    const lnd = await startSandboxLndServer(network);
    expect(listDangerousPermissions(lnd.macaroonHex('seller', 'admin'))).toContain('pay (offchain:write)');
    expect(listDangerousPermissions(lnd.macaroonHex('seller', 'invoice'))).toEqual([]);
    await lnd.close();
    network.close();
  });

  it('of anything else are nothing, and no error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const hex = Buffer.from(bytes).toString('hex');
        expect(listDangerousPermissions(hex)).toEqual([]);
        expect(Array.isArray(listDangerousPermissions(macaroonHex(`03${hex}`)))).toBe(true);
      }),
    );
  });
});
