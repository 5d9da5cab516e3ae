// Wallets that lie, or that say nothing: whatever they tell, one thing is paid once, and a preimage that proves nothing goes nowhere.
import { lastLine, openLyingLnd, words } from '../lying-lnd.mjs';
import { isPaid } from '../offers.mjs';

const PRICE_MSAT = 5_000;
const ZEROS = '00'.repeat(32);
const FOREIGN = 'ab'.repeat(32);
/** For wallets that never come to an end. */
const IMPATIENT = { paymentTimeoutMs: 3_000 };
const ONE_CALL = { headers: { 'Idempotency-Key': 'one-call-and-no-other-0123456789' } };

/** An honest seller, who offers an open invoice again to the same caller. */
async function openSeller(scene, { offersAgain }) {
  let open = null;
  return scene.serve('seller', (request, response) => {
    if (isPaid(request)) return response.end('sold');
    open = offersAgain && open !== null ? open : scene.sell();
    return open.offer(response);
  });
}

/**
 * Twice the same logical call, then everything that is under way settles, the buyer is told to clear up, and the call comes once more.
 *
 * @param set - brings about what the wallet does, before anything is bought; its answer may name another wallet's door.
 */
function wallet(
  name,
  set,
  {
    expect,
    offersAgain = true,
    naive = offersAgain ? null : 'overpaid',
    approvedMsat = PRICE_MSAT,
    payments = 1,
    settle = true,
    again = true,
    client,
  },
) {
  return {
    name: `wallet: ${name}`,
    approvedMsat,
    payments,
    expect,
    naive,
    async play(scene) {
      const walletUrl = await set(scene);
      const seller = await openSeller(scene, { offersAgain });
      const buyer = await scene.buyer({ capSats: 100, client, walletUrl });
      const outcomes = [];
      const call = async () => outcomes.push((await buyer.call(`${seller.url}/item`, ONE_CALL)).outcome);
      await call();
      if (again) await call();
      if (settle) scene.settleAll();
      await buyer.recover();
      if (again) await call();
      return outcomes.join(', ');
    },
  };
}

const fault =
  (kind, more = {}) =>
  (scene) =>
    void scene.network.addFault('buyer', { kind, ...more });
const lie = (lies) => async (scene) => (await openLyingLnd(scene, lies)).url;

const SOLD_LATER = 'PAYMENT_UNKNOWN, PAYMENT_UNKNOWN, HTTP 200';
const SOLD_AT_ONCE = 'HTTP 200, HTTP 200, HTTP 200';

const faults = [
  wallet('slow', fault('slow', { delayMs: 300 }), { expect: SOLD_AT_ONCE }),
  wallet('slower than the buyer waits, then settled', fault('slow', { delayMs: 600_000 }), {
    expect: SOLD_LATER,
    client: IMPATIENT,
  }),
  wallet('stuck, then settled', fault('stuckThenSettled'), { expect: SOLD_LATER, client: IMPATIENT }),
  wallet('stuck, with a seller who offers a new invoice each time', fault('stuckThenSettled'), {
    expect: SOLD_LATER,
    offersAgain: false,
    naive: 'overpaid',
    client: IMPATIENT,
  }),
  wallet('held by the payee, with a seller who offers a new invoice each time', fault('held'), {
    expect: SOLD_LATER,
    offersAgain: false,
    naive: 'overpaid',
    client: IMPATIENT,
  }),
  wallet('failed late', fault('failedLate', { delayMs: 300 }), { expect: /^PAYMENT_FAILED, HTTP 200, HTTP 200$/ }),
  wallet('settled, and the reply is lost', fault('replyLost'), { expect: SOLD_AT_ONCE }),
  wallet('settled, and the connection is cut', fault('connectionCut'), { expect: SOLD_AT_ONCE }),
  wallet('settled, and the reply comes twice', fault('replyTwice'), { expect: SOLD_AT_ONCE }),
  wallet('settled, and a wrong preimage is told', fault('wrongPreimage'), { expect: SOLD_AT_ONCE }),
  wallet('shutting down, and settled', fault('shuttingDown'), { expect: SOLD_AT_ONCE }),
  wallet('shutting down, and settled, with a seller who offers a new invoice each time', fault('shuttingDown'), {
    expect: SOLD_AT_ONCE,
    offersAgain: false,
  }),
];

const failed = lastLine(() => ({
  status: 'FAILED',
  failure_reason: 'FAILURE_REASON_NO_ROUTE',
  payment_preimage: ZEROS,
}));
const neverSeen = words('{"code":5,"message":"payment isn\'t initiated","details":[]}', 404);

const lies = [
  wallet('says FAILED after it settled, and nothing ever shows the contrary', lie({ send: failed, track: failed }), {
    // Whoever believes a failure may buy again: one call, one payment.
    expect: 'PAYMENT_FAILED',
    again: false,
  }),
  wallet(
    'says FAILED after it settled, with the preimage beside it',
    lie({ send: lastLine(() => ({ status: 'FAILED' })) }),
    {
      expect: SOLD_AT_ONCE,
      offersAgain: false,
    },
  ),
  wallet(
    'says SUCCEEDED with a preimage of something else, in every answer',
    lie({
      send: lastLine(() => ({ payment_preimage: FOREIGN })),
      track: lastLine(() => ({ payment_preimage: FOREIGN })),
    }),
    { expect: /^(?:(?:PAYMENT_UNKNOWN|PREIMAGE_WRONG)(?:, |$)){3}/, offersAgain: false },
  ),
  wallet(
    'says SUCCEEDED with 64 zeros',
    lie({
      send: lastLine(() => ({ payment_preimage: ZEROS })),
      track: lastLine(() => ({ payment_preimage: ZEROS })),
    }),
    { expect: /^(?:(?:PAYMENT_UNKNOWN|PREIMAGE_WRONG)(?:, |$)){3}/, offersAgain: false },
  ),
  wallet('speaks of another payment', lie({ send: lastLine(() => ({ payment_hash: FOREIGN })) }), {
    expect: SOLD_AT_ONCE,
    offersAgain: false,
  }),
  wallet(
    'says that it is under way, for ever',
    lie({
      send: async ({ lines, response }) => {
        const { result } = JSON.parse(lines.at(-1));
        const line = JSON.stringify({ result: { ...result, status: 'IN_FLIGHT', payment_preimage: ZEROS } });
        response.writeHead(200);
        while (!response.destroyed) {
          response.write(`${line}\n`);
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      },
      track: lastLine(() => ({ status: 'IN_FLIGHT', payment_preimage: ZEROS })),
    }),
    {
      expect: 'PAYMENT_UNKNOWN, PAYMENT_UNKNOWN, PAYMENT_UNKNOWN',
      offersAgain: false,
      naive: 'overpaid',
      client: IMPATIENT,
    },
  ),
  wallet(
    'loses the reply, and then has never heard of the payment',
    lie({ send: ({ response }) => response.destroy(), track: neverSeen }),
    {
      expect: /^PAYMENT_UNKNOWN, PAYMENT_UNKNOWN, PAYMENT_UNKNOWN$/,
      offersAgain: false,
      naive: 'overpaid',
    },
  ),
  wallet('answers with a line of 26 MB', lie({ send: words('x'.repeat(26_000_000)) }), {
    expect: SOLD_AT_ONCE,
    offersAgain: false,
  }),
  wallet('answers with what is no JSON', lie({ send: words('certainly!') }), {
    expect: SOLD_AT_ONCE,
    offersAgain: false,
  }),
  wallet('answers with an error after it settled', lie({ send: words('{"code":2,"message":"unknown"}', 500) }), {
    expect: /^(?:HTTP 200|PAYMENT_UNKNOWN), HTTP 200, HTTP 200$/,
    offersAgain: false,
  }),
  wallet('says that it cost nothing', lie({ send: lastLine(() => ({ value_msat: '0', fee_msat: '0' })) }), {
    expect: SOLD_AT_ONCE,
  }),
  wallet('says that it cost everything', lie({ send: lastLine(() => ({ fee_msat: '9007199254740991' })) }), {
    expect: SOLD_AT_ONCE,
  }),
];

/** The macaroon of a wallet goes to the wallet. */
const walletRedirects = [307, 308, 302].map((status) => ({
  name: `wallet: sends its payer to another origin with ${status}`,
  approvedMsat: 0,
  expect: /^(?:PAYMENT_FAILED|PAYMENT_UNKNOWN)$/,
  naive: 'overpaid',
  async play(scene) {
    const stranger = await scene.serve('stranger', (_, response) => response.end('{}'));
    const lies = { send: ({ response }) => response.writeHead(status, { location: stranger.url }).end() };
    const walletUrl = await lie({ ...lies, track: neverSeen })(scene);
    const seller = await openSeller(scene, { offersAgain: true });
    const buyer = await scene.buyer({ capSats: 100, walletUrl });
    scene.network.lightning.addFault('buyer', { kind: 'failedLate', delayMs: 1 });
    return (await buyer.call(`${seller.url}/item`, ONE_CALL)).outcome;
  },
}));

export const walletCases = [...faults, ...lies, ...walletRedirects];
