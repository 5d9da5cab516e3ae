import { randomBytes } from 'node:crypto';
import { encodeIdentifier, encodeMacaroonText, mintMacaroon } from '@satway/protocol';

/** A macaroon as Aperture mints it: its own caveats, seconds, and a commitment to the payment. */
export function apertureToken(paymentHashHex: string, caveats: readonly string[] = ['services=acme:0']): string {
  const identifier = encodeIdentifier({ paymentHashHex, tokenId: randomBytes(32) });
  return encodeMacaroonText(
    mintMacaroon({ rootKey: randomBytes(32), location: 'lsat', identifier, caveats: [...caveats] }),
  );
}

/** A token that only its seller can read. */
export function opaqueToken(): string {
  return `${Buffer.from(JSON.stringify({ sub: randomBytes(8).toString('hex') })).toString('base64url')}.${randomBytes(32).toString('hex')}`;
}
