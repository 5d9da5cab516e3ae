import { createHash } from 'node:crypto';
import { createEgress, type Egress } from '@satway/egress';
import type { InvoicePayer, PayRequest } from '@satway/wallets';
import { connectLndPayer } from '@satway/wallets/lnd';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chunk, lastChunk, type RawServer, startRawServer, streamHead, unary } from './raw-server.js';

const PREIMAGE = '11'.repeat(32);
const HASH = createHash('sha256').update(Buffer.from(PREIMAGE, 'hex')).digest('hex');
const ZEROS = '00'.repeat(32);
const MACAROON = '0201036c6e6402030301020000062000';

let egress: Egress;
let server: RawServer;
let payer: InvoicePayer;

beforeAll(() => {
  egress = createEgress();
});
afterAll(() => egress.close());
beforeEach(async () => {
  server = await startRawServer();
  payer = await connectLndPayer({ url: server.url, macaroonHex: MACAROON, egress, callTimeoutMs: 20_000 });
});
afterEach(() => server.close());

const payment = (more: Readonly<Record<string, unknown>>): string => {
  const result = {
    payment_hash: HASH,
    payment_preimage: ZEROS,
    value_msat: '21000',
    fee_msat: '7',
    status: 'IN_FLIGHT',
    failure_reason: 'FAILURE_REASON_NONE',
    ...more,
  };
  return `${JSON.stringify({ result })}\n`;
};
const inFlight = payment({});
const succeeded = payment({ status: 'SUCCEEDED', payment_preimage: PREIMAGE });
const failed = payment({ status: 'FAILED', failure_reason: 'FAILURE_REASON_NO_ROUTE' });
const errorLine = (message: string, code = 2): string =>
  `${JSON.stringify({ error: { code, message, details: [] } })}\n`;
const settled = { state: 'settled', preimageHex: PREIMAGE, amountMsat: 21_000, feeMsat: 7 };

/** A whole answer, each text a chunk of its own. */
const answers = (...texts: string[]) => {
  server.script = (socket) => void socket.write(streamHead() + texts.map(chunk).join('') + lastChunk);
};
const answersError = (status: number, line: string) => {
  server.script = (socket) => void socket.write(streamHead(status) + chunk(line) + lastChunk);
};
const answersUnary = (status: number, body: string, type?: string) => {
  server.script = (socket) => void socket.write(unary(status, body, type));
};
const pay = (more: Partial<PayRequest> = {}) =>
  payer.pay({
    invoice: 'lnbcrt210n1',
    paymentHashHex: HASH,
    amountMsat: 21_000,
    feeLimitMsat: 0,
    timeoutMs: 20_000,
    ...more,
  });

describe('what is asked of LND', () => {
  it('always carries a fee limit, one part, a time limit, and nothing that cancels', async () => {
    answers(succeeded);
    await pay({ feeLimitMsat: 0, timeoutMs: 30_000 });
    const [request] = server.requests;
    expect(JSON.parse(request?.body ?? '')).toEqual({
      payment_request: 'lnbcrt210n1',
      fee_limit_msat: '0',
      timeout_seconds: 29,
      max_parts: 1,
      no_inflight_updates: false,
    });
    const splitting = await connectLndPayer({ url: server.url, macaroonHex: MACAROON, egress, maxParts: 16 });
    await splitting.pay({ invoice: 'x', paymentHashHex: HASH, amountMsat: 1, feeLimitMsat: 0, timeoutMs: 2000 });
    expect(JSON.parse(server.requests.at(-1)?.body ?? '')).toMatchObject({ max_parts: 16 });
    expect(request?.head).toMatch(/^POST \/v2\/router\/send HTTP/);
    expect(request?.head).toMatch(new RegExp(`grpc-metadata-macaroon: ${MACAROON}`, 'i'));
  });
});

describe('the streamed reply to a payment', () => {
  it('is understood wherever the chunks are cut', async () => {
    const bytes = inFlight + succeeded;
    for (let cut = 1; cut < bytes.length; cut += 1) {
      answers(bytes.slice(0, cut), bytes.slice(cut));
      expect(await pay(), `cut at ${cut}`).toEqual(settled);
    }
  });

  it('is understood byte by byte', async () => {
    answers(...(inFlight + succeeded));
    expect(await pay()).toEqual(settled);
  });

  it('is final at a proven success, though the connection stays open or breaks afterwards', async () => {
    server.script = (socket) => void socket.write(streamHead() + chunk(inFlight) + chunk(succeeded));
    expect(await pay()).toEqual(settled);
    server.script = (socket) => void socket.end(streamHead() + chunk(succeeded));
    expect(await pay()).toEqual(settled);
  });

  it('counts a FAILED with a zero preimage as failed, with its reason', async () => {
    const reasons = [
      ['FAILURE_REASON_TIMEOUT', 'timeout'],
      ['FAILURE_REASON_NO_ROUTE', 'no_route'],
      ['FAILURE_REASON_INCORRECT_PAYMENT_DETAILS', 'incorrect_payment_details'],
      ['FAILURE_REASON_INSUFFICIENT_BALANCE', 'insufficient_balance'],
      ['FAILURE_REASON_ERROR', 'other'],
    ] as const;
    for (const [failure_reason, reason] of reasons) {
      answers(inFlight, payment({ status: 'FAILED', failure_reason }));
      expect(await pay()).toMatchObject({ state: 'failed', reason });
    }
  });

  it('names no reason that LND does not have', async () => {
    for (const failure_reason of ['constructor', '__proto__', 'toString', 'failure_reason']) {
      answers(payment({ status: 'FAILED', failure_reason }));
      expect(await pay()).toMatchObject({ state: 'failed', reason: 'other' });
    }
  });

  it('counts by status alone: a success with a failure reason is one, a flight with the preimage or a reason is none', async () => {
    answers(payment({ status: 'SUCCEEDED', payment_preimage: PREIMAGE, failure_reason: 'FAILURE_REASON_CANCELED' }));
    expect(await pay()).toEqual(settled);
    answers(payment({ payment_preimage: PREIMAGE, failure_reason: 'FAILURE_REASON_TIMEOUT' }));
    expect(await pay()).toMatchObject({ state: 'unknown' });
  });

  it('is unknown when it ends, or breaks, before a result', async () => {
    answers(inFlight);
    expect(await pay()).toMatchObject({ state: 'unknown' });
    server.script = (socket) => void socket.end(streamHead() + chunk(inFlight));
    expect(await pay()).toMatchObject({ state: 'unknown' });
    server.script = (socket) => void socket.end(streamHead() + chunk(inFlight) + chunk(succeeded.slice(0, 150)));
    expect(await pay()).toMatchObject({ state: 'unknown' });
    server.script = (socket) => void socket.destroy();
    expect(await pay()).toMatchObject({ state: 'unknown' });
  });

  it('is unknown when nothing ever comes, after the time limit of the payment', async () => {
    server.script = () => undefined;
    expect(await pay({ timeoutMs: 60 })).toMatchObject({ state: 'unknown' });
    server.script = (socket) => void socket.write(streamHead() + chunk(inFlight));
    expect(await pay({ timeoutMs: 60 })).toMatchObject({ state: 'unknown' });
  });

  it('never takes a preimage that belongs to something else', async () => {
    for (const payment_preimage of ['22'.repeat(32), ZEROS, '', PREIMAGE.slice(2), `${PREIMAGE}00`]) {
      answers(payment({ status: 'SUCCEEDED', payment_preimage }));
      const outcome = await pay();
      expect(outcome).toMatchObject({ state: 'unknown' });
      expect(JSON.stringify(outcome)).not.toContain('22222222');
    }
  });

  it('never takes a result that is about another payment hash', async () => {
    const payment_hash = 'cd'.repeat(32);
    answers(payment({ payment_hash, status: 'SUCCEEDED', payment_preimage: PREIMAGE }));
    expect(await pay()).toMatchObject({ state: 'unknown' });
    answers(payment({ payment_hash, status: 'FAILED' }));
    expect(await pay()).toMatchObject({ state: 'unknown' });
  });

  it('takes a proof whatever stands beside it, and nothing from two results that contradict each other', async () => {
    answers(succeeded, succeeded);
    expect(await pay()).toEqual(settled);
    answers(failed, succeeded);
    expect(await pay()).toEqual(settled);
    answers(succeeded, failed);
    expect(await pay()).toEqual(settled);
    answers(failed, errorLine('invoice is already paid', 6));
    expect(await pay()).toMatchObject({ state: 'unknown' });
    answers(payment({ status: 'SUCCEEDED', payment_preimage: ZEROS }), failed);
    expect(await pay()).toMatchObject({ state: 'unknown' });
    answers(payment({ status: 'FAILED', payment_preimage: PREIMAGE }));
    expect(await pay()).toMatchObject({ state: 'unknown' });
  });

  it.each([
    'invoice expired. Valid until 2026-11-21 14:07:44 +0000 UTC',
    "invoice not for current active network 'regtest'",
    'self-payments not allowed',
    'checksum failed. Expected pvxrsz, got qqqqqq.',
    'permission denied',
    'verification failed: signature mismatch after caveat verification',
    'routerrpc server shutting down',
  ])(
    'takes no error for a failure once LND has said anything else, and none before it says more: %s',
    async (message) => {
      const seen = { state: 'unknown', seenInFlight: true };
      for (const lines of [
        [inFlight, errorLine(message)],
        [inFlight, inFlight, errorLine(message), errorLine(message)],
        [errorLine(message), inFlight],
        [payment({ status: 'INITIATED' }), errorLine(message), failed],
      ]) {
        answers(...lines);
        expect(await pay()).toMatchObject(seen);
      }
      for (const lines of [
        [failed, errorLine(message)],
        [errorLine(message), failed],
        [errorLine(message), errorLine(message)],
        ['\n', errorLine(message)],
        [errorLine(message), '{}\n'],
        [payment({ payment_hash: 'cd'.repeat(32) }), errorLine(message)],
      ]) {
        answers(...lines);
        expect(await pay()).toMatchObject({ state: 'unknown' });
      }
      const paths = server.requests.map(({ head }) => /^\S+ (\S+)/.exec(head)?.[1]);
      expect(new Set(paths)).toEqual(new Set(['/v2/router/send']));
    },
  );

  it('takes a failure back when the payment is in flight after it', async () => {
    answers(failed, inFlight);
    expect(await pay()).toMatchObject({ state: 'unknown', seenInFlight: true });
    answers(inFlight, failed);
    expect(await pay()).toMatchObject({ state: 'failed', reason: 'no_route' });
  });

  it('says whether LND had the payment under way, where it does not know its end', async () => {
    answers(inFlight);
    expect(await pay()).toMatchObject({ state: 'unknown', seenInFlight: true });
    server.script = (socket) => void socket.end(streamHead() + chunk(inFlight));
    expect(await pay()).toMatchObject({ state: 'unknown', seenInFlight: true });
    server.script = (socket) => void socket.write(streamHead() + chunk(inFlight));
    expect(await pay({ timeoutMs: 2_000 })).toMatchObject({ state: 'unknown', seenInFlight: true });
    answersError(409, errorLine('payment is in transition', 6));
    expect(await pay()).toMatchObject({ state: 'unknown', seenInFlight: true });
    answersError(500, errorLine('routerrpc server shutting down'));
    expect(await pay()).not.toHaveProperty('seenInFlight');
    answers(payment({ payment_hash: 'cd'.repeat(32) }));
    expect(await pay()).not.toHaveProperty('seenInFlight');
  });

  it('says of a request that LND has taken it up once LND answers that it has the payment, and not before', async () => {
    answers(inFlight);
    expect(await pay()).toMatchObject({ state: 'unknown', takenUp: true });
    answersError(409, errorLine('payment is in transition', 6));
    expect(await pay()).toMatchObject({ state: 'unknown', takenUp: true });
    answersError(500, errorLine('routerrpc server shutting down'));
    expect(await pay()).not.toHaveProperty('takenUp');
    server.script = (socket) => void socket.destroy();
    expect(await pay()).not.toHaveProperty('takenUp');
  });

  it('says of a failure that it looks up that it may be of a request of another program', async () => {
    answers(failed);
    expect(await payer.lookUp(HASH)).toMatchObject({ state: 'failed', reason: 'no_route', mayBeOfAnother: true });
  });

  it.each([
    ['negative', '-9', 500],
    ['no number', 'many', 500],
    ['missing', undefined, 500],
    ['beyond all numbers', '99999999999999999', 500],
    ['a fraction', 1.5, 500],
  ])(
    'stays settled with a fee that is %s, which counts as all that it was allowed to cost',
    async (_what, fee_msat, feeMsat) => {
      answers(payment({ status: 'SUCCEEDED', payment_preimage: PREIMAGE, fee_msat }));
      expect(await pay({ feeLimitMsat: 500 })).toEqual({ ...settled, feeMsat });
      expect(await payer.lookUp(HASH)).toEqual({ ...settled, feeMsat: 1000 });
    },
  );

  it.each(['-21000', '0', 'much', undefined, '99999999999999999'])(
    'stays settled with the amount %s, which counts as that of the request',
    async (value_msat) => {
      answers(payment({ status: 'SUCCEEDED', payment_preimage: PREIMAGE, value_msat }));
      expect(await pay()).toEqual(settled);
    },
  );

  it('keeps a failure that the connection did not outlive', async () => {
    server.script = (socket) => void socket.end(streamHead() + chunk(failed));
    expect(await pay()).toMatchObject({ state: 'failed', reason: 'no_route' });
  });

  it.each(['{}', '[]', 'null', '"SUCCEEDED"', '{"result":null}', '{"result":{}}', '{"result":[]}', '{', ''])(
    'is unknown for the line %s',
    async (line) => {
      answers(`${line}\n`);
      expect(await pay()).toMatchObject({ state: 'unknown' });
    },
  );

  it('is unknown for a page of HTML, whatever its status', async () => {
    for (const status of [200, 400, 404, 429, 500, 502, 503]) {
      answersUnary(status, '<html><body>Bad gateway</body></html>', 'text/html');
      expect(await pay()).toMatchObject({ state: 'unknown' });
    }
  });

  it('is unknown for a status that LND does not have yet', async () => {
    answers(payment({ status: 'POSTPONED' }));
    expect(await pay()).toMatchObject({ state: 'unknown' });
  });

  it('stops reading a line that does not end, long before its 26 megabytes', async () => {
    let written = 0;
    const piece = 'x'.repeat(64 * 1024);
    server.script = (socket) => {
      socket.write(streamHead());
      const more = (): void => {
        if (socket.destroyed || written > 26_000_000) return;
        written += piece.length;
        socket.write(chunk(piece), more);
      };
      more();
    };
    expect(await pay()).toMatchObject({ state: 'unknown' });
    expect(written).toBeLessThan(8_000_000);
  });
});

describe('an error of LND’s in answer to a payment', () => {
  it.each([
    [500, errorLine('routerrpc server shutting down')],
    [500, errorLine('something that nobody has seen yet')],
    [500, errorLine('wallet locked, unlock it to enable full RPC access')],
    [500, errorLine('the RPC server is in the process of starting up, but not yet ready to accept calls')],
    [409, errorLine('invoice is already paid', 6)],
    [409, errorLine('payment is in transition', 6)],
    [409, errorLine('payment already exists', 6)],
    [404, errorLine('Not Found', 5)],
  ])('is unknown for HTTP %i %s', async (status, line) => {
    answersError(status, line);
    expect(await pay()).toMatchObject({ state: 'unknown' });
    expect(await pay({ mayHaveBeenSentBefore: true })).toMatchObject({ state: 'unknown' });
  });

  it.each([
    ['invoice expired. Valid until 2026-11-21 14:07:44 +0000 UTC', 'expired'],
    ["invoice not for current active network 'regtest'", 'rejected_before_sending'],
    ['amount must be specified when paying a zero amount invoice', 'rejected_before_sending'],
    ['amount must not be specified when paying a non-zero amount invoice', 'rejected_before_sending'],
    ['checksum failed. Expected pvxrsz, got qqqqqq.', 'rejected_before_sending'],
    ['permission denied', 'rejected_before_sending'],
    ['expected 1 macaroon, got 0', 'rejected_before_sending'],
    ['verification failed: signature mismatch after caveat verification', 'rejected_before_sending'],
    ["cannot retrieve macaroon: cannot get macaroon: root key with id 101 doesn't exist", 'rejected_before_sending'],
  ])('proves that nothing was sent only at the first request: %s', async (message, reason) => {
    answersError(500, errorLine(message));
    expect(await pay()).toMatchObject({ state: 'failed', reason });
    expect(await pay({ mayHaveBeenSentBefore: true })).toMatchObject({ state: 'unknown' });
  });

  it('is read in its unary form, too', async () => {
    answersUnary(400, '{"code":3,"message":"proto: (line 1:371): unknown field \\"max_parts\\"","details":[]}');
    expect(await pay()).toMatchObject({ state: 'failed', reason: 'rejected_before_sending' });
    answersUnary(500, '{"code":2,"message":"routerrpc server shutting down","details":[]}');
    expect(await pay()).toMatchObject({ state: 'unknown' });
  });
});

describe('a wallet that cannot be reached', () => {
  it('is an error that says that nothing was sent', async () => {
    await server.close();
    await expect(pay()).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE', fundsMoved: 'no' });
    server = await startRawServer();
  });
});

describe('looking a payment up', () => {
  const lookUp = () => payer.lookUp(HASH);

  it('asks with url-safe base64 and its padding', async () => {
    answersError(404, errorLine("payment isn't initiated", 5));
    await payer.lookUp('ff'.repeat(32));
    expect(server.requests[0]?.head).toMatch(/^GET \/v2\/router\/track\/_{42}8=\?/);
  });

  it('takes exactly one 404 for “never sent”, with the wallet’s own time', async () => {
    answersError(404, errorLine("payment isn't initiated", 5));
    expect(await lookUp()).toEqual({ state: 'notFound', walletNowMs: Date.parse('2026-11-21T14:07:44Z') });
  });

  it.each([
    'Server: nginx/1.27.2',
    'Via: 1.1 Caddy',
    'Age: 0',
    'CF-Ray: 8e2f',
    'X-Cache: MISS',
    'X-Served-By: cache-1',
  ])('takes no time from an answer that something in front of LND has written on: %s', async (header) => {
    server.script = (socket) => {
      const head = streamHead(404).replace('\r\n\r\n', `\r\n${header}\r\n\r\n`);
      socket.write(head + chunk(errorLine("payment isn't initiated", 5)) + lastChunk);
    };
    expect(await lookUp()).toEqual({ state: 'notFound', walletNowMs: null });
    server.script = (socket) => {
      socket.write(streamHead().replace('\r\n\r\n', `\r\n${header}\r\n\r\n`) + chunk(failed) + lastChunk);
    };
    expect(await lookUp()).toMatchObject({ state: 'failed', walletNowMs: null });
  });

  it.each([
    [404, '{"code":5,"message":"Not Found","details":[]}', 'WALLET_REFUSED'],
    [404, '{"code":2,"message":"payment isn\'t initiated","details":[]}', 'WALLET_REFUSED'],
    [500, '{"code":5,"message":"payment isn\'t initiated","details":[]}', 'WALLET_REFUSED'],
    [404, '<html>not found</html>', 'WALLET_ANSWER_INVALID'],
    [200, '{}', 'WALLET_ANSWER_INVALID'],
    [200, '', 'WALLET_ANSWER_INVALID'],
    [500, '{"error":{"code":2,"message":"permission denied","details":[]}}', 'WALLET_PERMISSION_DENIED'],
    [
      500,
      '{"error":{"code":2,"message":"waiting to start, RPC services not available","details":[]}}',
      'WALLET_UNREACHABLE',
    ],
    [
      500,
      '{"error":{"code":2,"message":"wallet locked, unlock it to enable full RPC access","details":[]}}',
      'WALLET_UNREACHABLE',
    ],
    [500, '{"error":{"code":2,"message":"invalid hash length of 48, want 32","details":[]}}', 'WALLET_REFUSED'],
  ])('is an error, and no answer about the payment, for HTTP %i %s', async (status, body, code) => {
    answersUnary(status, body);
    await expect(lookUp()).rejects.toMatchObject({ code, fundsMoved: 'no' });
  });

  it('answers at the first line of a payment in flight, whose stream stays open', async () => {
    server.script = (socket) => void socket.write(streamHead() + chunk(inFlight));
    expect(await lookUp()).toEqual({ state: 'inFlight' });
  });

  it('gives the proof of a settled one, and none that is wrong', async () => {
    answers(succeeded);
    expect(await lookUp()).toEqual(settled);
    answers(payment({ status: 'SUCCEEDED', payment_preimage: '22'.repeat(32) }));
    await expect(lookUp()).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID' });
    answers(payment({ payment_hash: 'cd'.repeat(32), status: 'FAILED' }));
    await expect(lookUp()).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID' });
  });
});

describe('a node that names its network', () => {
  it.each(['constructor', '__proto__', 'simnet', '', 7])('as %j is none that is known', async (network) => {
    server.info = { chains: [{ chain: 'bitcoin', network }] };
    await expect(connectLndPayer({ url: server.url, macaroonHex: MACAROON, egress })).rejects.toMatchObject({
      code: 'WALLET_ANSWER_INVALID',
    });
  });
});
