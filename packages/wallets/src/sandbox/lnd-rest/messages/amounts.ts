/** 64-bit numbers are strings in LND's JSON; satoshis are cut off, as LND does. */
export function wholeSats(amountMsat: number): string {
  return String(Math.floor(amountMsat / 1000));
}

export function msat(amountMsat: number): string {
  return String(amountMsat);
}

export function wholeSeconds(ms: number | null): string {
  return ms === null ? '0' : String(Math.floor(ms / 1000));
}

export function nanoseconds(ms: number | null): string {
  return ms === null ? '0' : `${ms}000000`;
}

export function base64OfHex(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}
