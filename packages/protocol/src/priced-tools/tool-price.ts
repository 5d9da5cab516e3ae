import { EXTENSION_PREFIX } from '../names.js';
import { isPriceModel, type PriceModel } from '../pricing/index.js';
import { own } from './own.js';

/** Where a tool's listing says what it costs. */
export const TOOL_PRICE_KEY = `${EXTENSION_PREFIX}/price`;

export interface ToolPrice {
  readonly model: PriceModel;
  readonly amountMsat: number;
  /** Calls that one payment buys. */
  readonly uses: number;
}

export function formatToolPrice({ model, amountMsat, uses }: ToolPrice): Readonly<Record<string, string | number>> {
  return { version: 1, model, amountMsat, uses };
}

/** The price in a tool's `_meta`; `null` where there is none that can be read. It is an announcement: what is paid stands in the invoice alone. */
export function parseToolPrice(meta: unknown): ToolPrice | null {
  const found = own(meta, TOOL_PRICE_KEY);
  const model = own(found, 'model');
  const amountMsat = own(found, 'amountMsat');
  const uses = own(found, 'uses') ?? 1;
  if (typeof model !== 'string' || !isPriceModel(model) || !isCount(amountMsat) || !isCount(uses)) return null;
  return { model, amountMsat, uses };
}

/** The one sentence that a priced tool's description ends with. */
export function toolPriceSentence({ amountMsat, uses }: ToolPrice): string {
  const sats = `${Number((amountMsat / 1000).toFixed(3))} sat${amountMsat === 1000 ? '' : 's'}`;
  return uses === 1 ? `Costs ${sats} for each call.` : `Costs ${sats} for ${uses} calls.`;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
