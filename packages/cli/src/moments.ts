import { InvalidArgumentError } from 'commander';

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Reads a moment from the command line: a date, a time of ISO 8601, or how long ago (`30m`, `24h`, `7d`). Milliseconds since 1970. */
export function parseMoment(text: string): number {
  const ago = /^([1-9]\d{0,5})([mhd])$/.exec(text);
  if (ago !== null) return Date.now() - Number(ago[1]) * UNIT_MS[ago[2] as keyof typeof UNIT_MS];
  const ms = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2})?)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isSafeInteger(ms)) return ms;
  throw new InvalidArgumentError(
    'It must be a date such as 2026-01-31, a time such as 2026-01-31T12:00:00Z, or 30m, 24h, 7d.',
  );
}
