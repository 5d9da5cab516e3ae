/** How a payment buys calls; wire form of the caveat `model`. */
export type PriceModel = 'per_request' | 'time_pass' | 'token_bucket' | 'metered' | 'per_kb';

const MODELS: ReadonlySet<string> = new Set<PriceModel>([
  'per_request',
  'time_pass',
  'token_bucket',
  'metered',
  'per_kb',
]);

export function isPriceModel(text: string): text is PriceModel {
  return MODELS.has(text);
}
