// Redirects to places where nobody should go, and with things that nobody should take along.
import { isPaid, offer, opaqueToken } from '../offers.mjs';

const SECRETS = {
  authorization: 'Bearer a-bearer-token-of-the-caller',
  cookie: 'session=a-cookie-of-the-caller',
  'x-api-key': 'an-api-key-of-the-caller',
  'x-session-token': 'a-session-token-of-the-caller',
  'x-cashu': 'cashuA-ecash-of-the-caller',
};
const REFUSED = 'EGRESS_ADDRESS_REFUSED';

/** Addresses behind which a cloud keeps the keys of its machines, and other ways to write them. */
const METADATA = [
  'http://169.254.169.254/latest/meta-data/iam/security-credentials/',
  'http://2852039166/latest/',
  'http://0xa9fea9fe/',
  'http://0251.0376.0251.0376/',
  'http://0xa9.254.0251.254/',
  'http://169.254.43518/',
  'http://[::ffff:169.254.169.254]/',
  'http://[::ffff:a9fe:a9fe]/',
  'http://[::a9fe:a9fe]/',
  'http://[64:ff9b::a9fe:a9fe]/',
  'http://[2002:a9fe:a9fe::]/',
  'http://[fd00:ec2::254]/latest/',
  'http://[fe80::a9fe:a9fe]/',
  'http://169.254.169.254.:80/',
  'http://100.100.100.200/',
];

const toMetadata = METADATA.flatMap((location) =>
  ['before', 'after'].map((when) => ({
    name: `redirect ${when} the payment to ${location}`,
    approvedMsat: when === 'before' ? 0 : 5_000,
    expect: REFUSED,
    naive: 'leaked',
    async play(scene) {
      const seller = await scene.serve('seller', (request, response) => {
        if (when === 'before' || isPaid(request)) return response.writeHead(307, { location }).end();
        return scene.sell().offer(response);
      });
      const buyer = await scene.buyer();
      return (await buyer.call(`${seller.url}/item`)).outcome;
    },
  })),
);

/** The same to a server that is really there, on this machine, and not among the hosts that were named. */
const INSIDE = {
  'another port of an allowed host': (port) => `http://127.0.0.1:${port}/`,
  'its name': (port) => `http://localhost:${port}/`,
  'its name with a dot': (port) => `http://localhost.:${port}/`,
  'one number': (port) => `http://2130706433:${port}/`,
  'octal digits': (port) => `http://0177.0.0.1:${port}/`,
  'hexadecimal digits': (port) => `http://0x7f.0.0.1:${port}/`,
  'fewer digits': (port) => `http://127.1:${port}/`,
  'the address of nothing': (port) => `http://0.0.0.0:${port}/`,
  'mapped into IPv6': (port) => `http://[::ffff:127.0.0.1]:${port}/`,
  'a user name before it': (port, seller) => `http://127.0.0.1%3A${seller.port}@127.0.0.1:${port}/`,
};

const inside = Object.entries(INSIDE).map(([name, locate]) => ({
  name: `redirect inside, by ${name}`,
  approvedMsat: 0,
  // A name with a dot at its end is not resolved everywhere; where it is, its address is refused.
  expect: [REFUSED, 'REDIRECT_REFUSED', ...(name.endsWith('dot') ? ['EGRESS_UNREACHABLE'] : [])],
  naive: name.endsWith('dot') ? null : 'leaked',
  async play(scene) {
    const metadata = await scene.serveInside('metadata', (_, response) => response.end('the keys of this machine'));
    const seller = await scene.serve('seller', (_, response) =>
      response.writeHead(302, { location: locate(metadata.port, seller) }).end(),
    );
    const buyer = await scene.buyer();
    return (await buyer.call(`${seller.url}/item`)).outcome;
  },
}));

/** The seller asks to go on somewhere else, where a stranger listens. */
function toStranger(
  name,
  { status = 302, method, body, expect = 'HTTP 200', afterPayment = false, approvedMsat = 0, answer },
) {
  return {
    name: `redirect to a stranger: ${name}`,
    approvedMsat,
    expect,
    naive: 'leaked',
    async play(scene) {
      plantAll(scene, ['seller']);
      if (body !== undefined) scene.plant('body', body, ['seller']);
      const stranger = await scene.serve('stranger', (request, response) =>
        answer === undefined ? response.end('got it') : answer({ scene, request, response }),
      );
      const seller = await scene.serve('seller', (request, response) => {
        if (afterPayment && !isPaid(request)) return scene.sell().offer(response);
        return response.writeHead(status, { location: `${stranger.url}/take` }).end();
      });
      const buyer = await scene.buyer();
      return (await buyer.call(`${seller.url}/item`, { method, body, headers: SECRETS })).outcome;
    },
  };
}

function plantAll(scene, places) {
  for (const [name, value] of Object.entries(SECRETS)) scene.plant(name, value, places);
}

const strangers = [
  ...[301, 302, 303, 307, 308].map((status) =>
    toStranger(`${status} with cookies, keys and Authorization`, { status }),
  ),
  ...[307, 308].map((status) =>
    toStranger(`${status} with a body`, {
      status,
      method: 'POST',
      body: 'the body of the caller',
      expect: 'REDIRECT_REFUSED',
    }),
  ),
  toStranger('303 with a body, which becomes a GET', { status: 303, method: 'POST', body: 'the body of the caller' }),
  toStranger('after the payment, with the credential', { afterPayment: true, approvedMsat: 5_000 }),
  toStranger('who asks for a payment of its own', {
    approvedMsat: 5_000,
    answer: ({ scene, request, response }) =>
      isPaid(request) ? response.end('sold') : scene.sell({ at: 'stranger' }).offer(response),
  }),
];

/** Nobody knows how many calls such a credential opens, so it goes along where its own seller sends the buyer, and nowhere else. */
const opaqueCredential = {
  name: 'redirect to a stranger: after the payment, with a credential in a format that cannot be read',
  approvedMsat: 5_000,
  expect: 'HTTP 200',
  naive: 'leaked',
  async play(scene) {
    const token = scene.plant('token', opaqueToken(), ['seller']);
    const stranger = await scene.serve('stranger', (_, response) => response.end('got it'));
    const seller = await scene.serve('seller', (request, response) => {
      if (!isPaid(request)) return offer(response, { ...scene.sell(), token });
      const location = request.url === '/item' ? '/next' : stranger.url;
      return response.writeHead(302, { location, 'x-payment-outcome': 'charged' }).end();
    });
    const buyer = await scene.buyer();
    return (await buyer.call(`${seller.url}/item`)).outcome;
  },
};

const backHome = {
  name: 'redirect to a stranger who sends the buyer back to a place of its choice',
  approvedMsat: 0,
  expect: ['HTTP 200', 'REDIRECT_REFUSED'],
  naive: 'leaked',
  async play(scene) {
    plantAll(scene, ['seller']);
    const victim = await scene.serve('victim', (_, response) => response.end('done'));
    const stranger = await scene.serve('stranger', (_, response) =>
      response.writeHead(302, { location: `${victim.url}/delete` }).end(),
    );
    const seller = await scene.serve('seller', (_, response) =>
      response.writeHead(302, { location: stranger.url }).end(),
    );
    const buyer = await scene.buyer();
    return (await buyer.call(`${seller.url}/item`, { headers: SECRETS })).outcome;
  },
};

/** The stranger chose what is bought at home: the paid request would carry the caller's secrets to where the stranger wants. */
const boughtAtHome = {
  name: 'redirect to a stranger and back, where a payment is asked for',
  approvedMsat: 0,
  expect: 'REDIRECT_REFUSED',
  naive: 'overpaid',
  async play(scene) {
    const seller = await scene.serve('seller', ({ url }, response) =>
      url === '/start' ? response.writeHead(302, { location: stranger.url }).end() : scene.sell().offer(response),
    );
    const stranger = await scene.serve('stranger', (_, response) =>
      response.writeHead(302, { location: `${seller.url}/dear` }).end(),
    );
    const buyer = await scene.buyer();
    return (await buyer.call(`${seller.url}/start`, { headers: SECRETS })).outcome;
  },
};

const fromTls = ['before', 'after'].map((when) => ({
  name: `redirect from https to http ${when} the payment`,
  approvedMsat: when === 'before' ? 0 : 5_000,
  expect: 'REDIRECT_REFUSED',
  naive: 'leaked',
  async play(scene) {
    plantAll(scene, ['seller']);
    const tls = scene.certificate();
    const plain = await scene.serve('plain', (_, response) => response.end('overheard'));
    const seller = await scene.serve(
      'seller',
      (request, response) =>
        when === 'before' || isPaid(request)
          ? response.writeHead(302, { location: `${plain.url}/item` }).end()
          : scene.sell().offer(response),
      { tls },
    );
    seller.certificatePem = tls.certificatePem;
    const buyer = await scene.buyer();
    return (await buyer.call(`${seller.url}/item`, { headers: SECRETS })).outcome;
  },
}));

/** Six requests at most: the first and five redirects. */
const loops = {
  'to itself': (_, number) => `/item?${number}`,
  'to the same place': () => '/item',
  'to ever longer places': (_, number) => `/item/${'x'.repeat(number * 100)}`,
};
const redirectLoops = Object.entries(loops).map(([name, locate]) => ({
  name: `redirect loop ${name}`,
  approvedMsat: 0,
  expect: 'REDIRECT_REFUSED after 6 requests',
  naive: null,
  async play(scene) {
    const seller = await scene.serve('seller', ({ number }, response) =>
      response.writeHead(302, { location: locate(null, number) }).end(),
    );
    const buyer = await scene.buyer();
    const { outcome } = await buyer.call(`${seller.url}/item`);
    return `${outcome} after ${seller.received.length} requests`;
  },
}));

const ODD_PLACES = [
  'javascript:alert(1)',
  'file:///etc/passwd',
  'ftp://127.0.0.1/',
  'data:text/plain,hello',
  'http://',
  'http://user:pass@127.0.0.1/',
  '//',
];
const oddPlaces = ODD_PLACES.map((location) => ({
  name: `redirect to ${location}`,
  approvedMsat: 0,
  expect: ['REDIRECT_REFUSED', REFUSED],
  naive: null,
  async play(scene) {
    const seller = await scene.serve('seller', (_, response) => response.writeHead(302, { location }).end());
    const buyer = await scene.buyer();
    return (await buyer.call(`${seller.url}/item`)).outcome;
  },
}));

export const redirectCases = [
  ...toMetadata,
  ...inside,
  ...strangers,
  opaqueCredential,
  backHome,
  boughtAtHome,
  ...fromTls,
  ...redirectLoops,
  ...oddPlaces,
];
