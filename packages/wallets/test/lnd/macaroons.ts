import { createHmac } from 'node:crypto';
import { decodeMacaroon, encodeMacaroon, mintMacaroon } from '@satway/protocol';
import { type Operation, writeLndIdentifier } from '../../src/lnd-macaroon/index.js';

/** Hex of a macaroon that says it allows these operations; no node has signed it. */
export function macaroonOf(operations: readonly Operation[], rootKeyId = '7'): string {
  const identifier = writeLndIdentifier(Buffer.alloc(16, 1), rootKeyId, operations);
  const macaroon = mintMacaroon({ rootKey: Buffer.alloc(32, 2), location: 'lnd', identifier, caveats: [] });
  return Buffer.from(encodeMacaroon(macaroon)).toString('hex');
}

/** Of gRPC methods alone. */
export const macaroonOfMethods = (...methods: string[]): string => macaroonOf([{ entity: 'uri', actions: methods }]);

/** Of `entity:action` pairs. */
export const macaroonOfNames = (...names: string[]): string =>
  macaroonOf(names.map((name) => ({ entity: name.split(':')[0] ?? '', actions: [name.split(':')[1] ?? ''] })));

/** The macaroon with one caveat more, which anybody who holds it can add. */
export function withCaveat(macaroonHex: string, caveat: string): string {
  const decoded = decodeMacaroon(Buffer.from(macaroonHex, 'hex'));
  if (!decoded.ok) throw new Error('the macaroon cannot be read');
  const id = Buffer.from(caveat);
  const signature = createHmac('sha256', decoded.value.signature).update(id).digest();
  const { caveats, ...rest } = decoded.value;
  return Buffer.from(encodeMacaroon({ ...rest, caveats: [...caveats, id], signature })).toString('hex');
}
