/** The little of the npm package `macaroon` that the cross-check needs; it has no types of its own. */
declare module 'macaroon' {
  export function importMacaroon(bytes: Uint8Array): {
    verify(rootKey: Uint8Array, check: (caveat: string) => string | null, discharges?: readonly unknown[]): void;
  };
}
