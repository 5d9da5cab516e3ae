import type { ClientEvent, EventListener } from '../l402-client/events.js';
import type { ClientHooks, QuoteNotice } from './hooks.js';
import { callQuietly } from './quietly.js';

/** The hooks of a client, as its steps call them. */
export interface Notices {
  /** Hears every event, and tells the hooks that are there for it. */
  readonly hear: EventListener;
  quoted(quote: QuoteNotice): void;
}

/** So many unknown payments are remembered as told; then the oldest may be told again. */
const REMEMBERED = 1_000;

export function createNotices(hooks: ClientHooks): Notices {
  const isNews = rememberUnknown();
  return {
    quoted: (quote) => callQuietly(() => hooks.onQuote?.(quote)),
    hear(event) {
      const isNew = isNews(event);
      callQuietly(() => dispatch(hooks, event, isNew));
    },
  };
}

function dispatch(hooks: ClientHooks, event: ClientEvent, isNew: boolean): unknown {
  switch (event.type) {
    case 'challenged':
      return hooks.onChallenge?.(withoutType(event));
    case 'paid':
      return hooks.onPaid?.(withoutType(event));
    case 'payment_unknown':
      return isNew ? hooks.onUnknown?.(withoutType(event)) : undefined;
    case 'redeemed':
      return hooks.onRedeemed?.(withoutType(event));
    default:
      return undefined;
  }
}

/** A copy: what a hook does to it is done to nobody else's. */
function withoutType<E extends ClientEvent>({ type: _type, ...notice }: E): Omit<E, 'type'> {
  return notice;
}

/** A payment is looked up several times before it is clear; it is unknown once. */
function rememberUnknown(): (event: ClientEvent) => boolean {
  const unknown = new Set<string>();
  return (event) => {
    if (event.type === 'paid' || event.type === 'payment_failed') return unknown.delete(event.paymentHashHex);
    if (event.type !== 'payment_unknown') return true;
    if (unknown.has(event.paymentHashHex)) return false;
    const [oldest] = unknown;
    if (unknown.size >= REMEMBERED && oldest !== undefined) unknown.delete(oldest);
    unknown.add(event.paymentHashHex);
    return true;
  };
}
