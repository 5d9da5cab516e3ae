import { expect, it } from 'vitest';
import { detailOf } from '../../src/lnbits/lnbits-error.js';
import { wordsOf } from '../../src/lnd/lnd-error.js';
import { parseRelayMessage } from '../../src/nwc/nostr/relay-message.js';
import { walletWords } from '../../src/nwc/nwc-service.js';
import { refusedCall } from '../../src/phoenixd/phoenixd-error.js';
import { foreignWords } from '../../src/rest/index.js';

const WORDS = `no\u001b[2J\u0007\r\nway preimage=${'ab'.repeat(32)}`;
const SHOWN = 'no [2J way preimage=[redacted]';

it('what a wallet or a relay says reaches no terminal as it is', () => {
  expect(wordsOf({ code: 2, message: WORDS })).toBe(SHOWN);
  expect(detailOf({ detail: WORDS })).toBe(SHOWN);
  expect(detailOf({ detail: [{ loc: ['body\u001b[2J'], msg: WORDS }] })).toBe(`body [2J: ${SHOWN}`);
  expect(walletWords({ code: 'OTHER\u001b', message: WORDS })).toBe(`OTHER ${SHOWN}`);
  expect(parseRelayMessage(JSON.stringify(['CLOSED', 'id', WORDS]))).toMatchObject({ reason: SHOWN });
  expect(parseRelayMessage(JSON.stringify(['OK', 'id', false, WORDS]))).toMatchObject({ reason: SHOWN });
  expect(parseRelayMessage(JSON.stringify(['NOTICE', WORDS]))).toMatchObject({ text: SHOWN });
  const call = { method: 'GET', path: '/getinfo' } as const;
  expect(refusedCall(call, { status: 500, json: null, text: WORDS, words: foreignWords }).detail).toBe(
    `GET /getinfo: HTTP 500: ${SHOWN}`,
  );
});
