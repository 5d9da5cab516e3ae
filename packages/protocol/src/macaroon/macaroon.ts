/** A macaroon, version 2, with first-party caveats only. The byte arrays are views; do not write into them. */
export interface Macaroon {
  /** Hint of the issuer; not covered by the signature. */
  readonly location: string;
  readonly identifier: Uint8Array;
  readonly caveats: readonly Uint8Array[];
  /** 32 bytes. */
  readonly signature: Uint8Array;
}

export const MAX_CAVEATS = 32;
/** Of the binary form. */
export const MAX_MACAROON_BYTES = 4096;
export const SIGNATURE_BYTES = 32;
