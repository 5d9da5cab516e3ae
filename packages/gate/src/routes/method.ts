/** What can be sold. CONNECT and TRACE are left out: neither goes through a proxy. */
export const SELLABLE_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

export type SellableMethod = (typeof SELLABLE_METHODS)[number];

const KNOWN: ReadonlySet<string> = new Set(SELLABLE_METHODS);

/** Methods are case-sensitive. */
export function isSellableMethod(method: string): method is SellableMethod {
  return KNOWN.has(method);
}
