import type { ClientEvent, EventListener } from '@satway/client';

/** What of a client's events whoever runs the server is told: where money moved, or may have, and where the wallet can pay no more. */
const TOLD: ReadonlySet<ClientEvent['type']> = new Set([
  'paid',
  'payment_failed',
  'failed_payment_settled',
  'payment_unknown',
  'recovered',
  'stopped',
  'wallet_balance_low',
  'wallet_balance_ok',
  'wallet_unreachable',
  'wallet_back',
  'wallet_unmeasured',
]);

/** Those that nobody has to do anything about. */
const GOOD: ReadonlySet<ClientEvent['type']> = new Set(['paid', 'recovered', 'wallet_balance_ok', 'wallet_back']);

/** A line of JSON for each of these. None of them carries a secret. */
export function tellingMoney(tell: (line: string) => void, nowMs: () => number): EventListener {
  return ({ type, ...facts }) => {
    if (!TOLD.has(type)) return;
    const level = GOOD.has(type) ? 'info' : 'warn';
    tell(JSON.stringify({ time: new Date(nowMs()).toISOString(), level, event: type, ...facts }));
  };
}
