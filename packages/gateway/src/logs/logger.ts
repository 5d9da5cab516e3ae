import { redact, redactText } from '@satway/base';
import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger };
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/**
 * A structured logger (one JSON object for each line, on stderr unless told otherwise) through which no secret passes: fields with secret names are
 * dropped, and what looks like a credential is removed from texts.
 */
export function createLogger(level: LogLevel, destination: DestinationStream = pino.destination(2)): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redact(fields) as Record<string, unknown>,
      },
      hooks: {
        logMethod(inputs, method) {
          const redacted = inputs.map((input: unknown) => (typeof input === 'string' ? redactText(input) : input));
          Reflect.apply(method, this, redacted);
        },
      },
    },
    destination,
  );
}
