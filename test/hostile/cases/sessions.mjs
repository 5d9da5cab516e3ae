// Sellers who open a session: its token is worth what is left of a deposit, and belongs to the one who opened it.
import { isPaid } from '../offers.mjs';

const SESSION = 'a-session-token-that-is-worth-money-0123456789';

/**
 * A seller who sells a pass and answers with a session, then what happens to those who come with it.
 *
 * @param next - answers a request that shows the session or the credential, from the second on.
 */
async function openPass(scene, next) {
  let shown = 0;
  return scene.serve('seller', (request, response) => {
    if (!isPaid(request) && request.headers['x-session-token'] === undefined)
      return scene.sell({ model: 'time_pass' }).offer(response);
    shown += 1;
    if (shown > 1) return next(request, response);
    return response.writeHead(200, { 'x-session-token': SESSION, 'x-payment-outcome': 'charged' }).end('sold');
  });
}

function sessionCase(name, { expect, naive = 'leaked', approvedMsat = 5_000, payments = 1 }, play) {
  return {
    name: `session: ${name}`,
    approvedMsat,
    payments,
    expect,
    naive,
    async play(scene) {
      scene.plant('session token', SESSION, ['seller']);
      return (await play(scene)).map(({ outcome }) => outcome).join(', ');
    },
  };
}

export const sessionCases = [
  sessionCase(
    'shown to its seller alone, not to another host of the same tenant',
    { expect: 'HTTP 200, PRICE_ABOVE_LIMIT' },
    async (scene) => {
      const seller = await openPass(scene, (_, response) => response.end('sold'));
      const thief = await scene.serve('thief', (_, response) =>
        scene.sell({ amountMsat: 500_000, at: 'thief', model: 'time_pass' }).offer(response),
      );
      const buyer = await scene.buyer({ capSats: 10 });
      return [await buyer.call(`${seller.url}/item`), await buyer.call(`${thief.url}/item`)];
    },
  ),
  ...[302, 307].map((status) =>
    sessionCase(
      `its seller sends the buyer to a stranger with ${status}`,
      { expect: 'HTTP 200, HTTP 200' },
      async (scene) => {
        const stranger = await scene.serve('stranger', (_, response) => response.end('got it'));
        const seller = await openPass(scene, (_, response) =>
          response.writeHead(status, { location: stranger.url }).end(),
        );
        const buyer = await scene.buyer();
        return [await buyer.call(`${seller.url}/item`), await buyer.call(`${seller.url}/item`)];
      },
    ),
  ),
  sessionCase(
    'a session that is given by a stranger after a redirect',
    { expect: 'HTTP 200, HTTP 200' },
    async (scene) => {
      const stranger = await scene.serve('stranger', (_, response) =>
        response.writeHead(200, { 'x-session-token': 'a-token-of-the-stranger' }).end('got it'),
      );
      scene.plant("stranger's session token", 'a-token-of-the-stranger', ['stranger']);
      const seller = await scene.serve('seller', (request, response) =>
        isPaid(request)
          ? response.writeHead(302, { location: stranger.url }).end()
          : scene.sell({ model: 'time_pass' }).offer(response),
      );
      const buyer = await scene.buyer();
      return [await buyer.call(`${seller.url}/item`), await buyer.call(`${seller.url}/item`)];
    },
  ),
  sessionCase(
    'a seller who takes the pass back and asks for a dearer one',
    { expect: 'HTTP 200, PRICE_ABOVE_LIMIT', naive: 'overpaid' },
    async (scene) => {
      const seller = await openPass(scene, (_, response) =>
        scene.sell({ amountMsat: 500_000, model: 'time_pass' }).offer(response),
      );
      const buyer = await scene.buyer({ capSats: 10 });
      return [await buyer.call(`${seller.url}/item`), await buyer.call(`${seller.url}/item`)];
    },
  ),
];
