import type { ClientEvent, EventListener } from '@satway/client';

/** What of a client's events whoever runs the server is told: where money moved, or may have. */
const TOLD: ReadonlySet<ClientEvent['type']> = new Set([
  'paid',
  'payment_failed',
  'failed_payment_settled',
  'payment_unknown',
  'recovered',
  'stopped',
]);

/** A line of JSON for each event about money. None of them carries a secret. */
export function tellingMoney(tell: (line: string) => void, nowMs: () => number): EventListener {
  return ({ type, ...facts }) => {
    if (!TOLD.has(type)) return;
    const level = type === 'paid' || type === 'recovered' ? 'info' : 'warn';
    tell(JSON.stringify({ time: new Date(nowMs()).toISOString(), level, event: type, ...facts }));
  };
}
