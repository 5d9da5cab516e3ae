import { describe, expect, it } from 'vitest';
import { createLogger } from '../src/index.js';

const MACAROON = `AgEGc2F0d2F5${'Q'.repeat(80)}`;
const PREIMAGE = 'ab'.repeat(32);

describe('the logger', () => {
  it.each([
    [
      'a field with a secret name',
      (log: ReturnType<typeof createLogger>) =>
        log.info(
          { headers: { Authorization: 'x', 'set-cookie': 'x' }, preimageHex: PREIMAGE, macaroon: MACAROON },
          'm',
        ),
    ],
    [
      'a text with a credential',
      (log: ReturnType<typeof createLogger>) => log.info(`got L402 ${MACAROON}:${PREIMAGE}`),
    ],
    [
      'a field with a credential',
      (log: ReturnType<typeof createLogger>) => log.warn({ url: `postgres://user:${PREIMAGE}@db/x` }, 'm'),
    ],
    [
      'an error with a credential',
      (log: ReturnType<typeof createLogger>) =>
        log.error({ error: new TypeError(`L402 ${MACAROON}:${PREIMAGE}`) }, 'm'),
    ],
    [
      'an argument with a credential',
      (log: ReturnType<typeof createLogger>) => log.info('got %s', `L402 ${MACAROON}:${PREIMAGE}`),
    ],
  ])('writes no secret from %s', (_what, write) => {
    const lines: string[] = [];
    write(createLogger('info', { write: (line: string) => void lines.push(line) }));
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain(MACAROON);
    expect(lines[0]).not.toContain(PREIMAGE);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ time: expect.stringMatching(/^\d{4}-/) as string });
  });
});
