import { encodeMacaroon, mintMacaroon } from '@satway/protocol';

/** A macaroon of LND's for these gRPC methods. */
export function macaroonFor(...methods: string[]): string {
  const field = (number: number, data: Buffer): Buffer =>
    Buffer.concat([Buffer.from([number * 8 + 2, data.length]), data]);
  const actions = methods.map((method) => field(2, Buffer.from(method)));
  const operation = Buffer.concat([field(1, Buffer.from('uri')), ...actions]);
  const identifier = Buffer.concat([
    Buffer.from([3]),
    field(1, Buffer.alloc(16, 1)),
    field(2, Buffer.from('7')),
    field(3, operation),
  ]);
  const macaroon = mintMacaroon({ rootKey: Buffer.alloc(32, 2), location: 'lnd', identifier, caveats: [] });
  return Buffer.from(encodeMacaroon(macaroon)).toString('hex');
}
