export { decodeMacaroon, encodeMacaroon } from './codec.js';
export { decodeIdentifier, encodeIdentifier, type L402Identifier } from './identifier.js';
export { type Macaroon, MAX_CAVEATS, MAX_MACAROON_BYTES } from './macaroon.js';
export { attenuate, type MintMacaroonOptions, mintMacaroon, signatureChain } from './signing.js';
export { decodeMacaroonText, encodeMacaroonText, MAX_MACAROON_TEXT_LENGTH } from './text.js';
