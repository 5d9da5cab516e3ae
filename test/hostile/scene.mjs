// One case's world: a sandbox network with its books, a wallet over a real socket, servers that lie, and secrets that are planted.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEgress } from '@satway/egress';
import { readOwnInvoice } from '@satway/protocol';
import { connectLndPayer } from '@satway/wallets/lnd';
import { createSandboxNetwork, createSelfSignedCertificate, startSandboxLndServer } from '@satway/wallets/sandbox';
import { forge, TWIN_MSAT } from './invoices.mjs';
import { mintToken, offer } from './offers.mjs';
import { unwatched } from './outgoing.mjs';
import { openHttpServer, openRawServer } from './servers.mjs';

/** A busy machine is no lying wallet. */
const PATIENCE_MS = 60_000;
const BALANCE_MSAT = 1_000_000_000_000;
/** The one server that may see the wallet's macaroon. */
export const WALLET = 'wallet';

export async function openScene(makeBuyer) {
  const folder = mkdtempSync(join(tmpdir(), 'satway-hostile-'));
  const network = createSandboxNetwork();
  network.addNode('seller');
  network.addNode('buyer', { balanceMsat: BALANCE_MSAT });
  const front = await startSandboxLndServer(network);
  const scene = {
    folder,
    network,
    front,
    walletMacaroonHex: front.macaroonHex('buyer', 'pay'),
    servers: [],
    secrets: [],
    /** What the buyer itself says: events, errors. */
    told: [],
    twins: new Map(),
    closing: [],
  };
  plant(scene, 'wallet macaroon', scene.walletMacaroonHex, [WALLET]);
  return { ...scene, ...handsOf(scene, makeBuyer) };
}

function handsOf(scene, makeBuyer) {
  return {
    plant: (name, value, mayGoTo) => plant(scene, name, value, mayGoTo),
    serve: (name, handler, options) => track(scene, openHttpServer(name, handler, options)),
    serveRaw: (name, answer) => track(scene, openRawServer(name, answer)),
    /** An address that no buyer should ever connect to: it is not among the allowed hosts. */
    serveInside: (name, handler, options) =>
      track(scene, openHttpServer(name, handler, options)).then((server) => Object.assign(server, { inside: true })),
    certificate: () => createSelfSignedCertificate(Date.now()),
    sell: (options) => sell(scene, options),
    forged: (changes) => forged(scene, changes),
    twin: (text) => void scene.twins.set(text, sell(scene, { amountMsat: TWIN_MSAT }).invoice),
    buyer: (options = {}) => openBuyer(scene, makeBuyer, options),
    /** Whether the cases are only to show that they can fail. */
    isNaive: makeBuyer.isNaive === true,
    payments: () => paymentsOf(scene.network),
    settleAll: () => settleAll(scene.network),
    nextPayment: () => nextPayment(scene.network),
    close: () => close(scene),
  };
}

async function track(scene, opening) {
  const server = await opening;
  scene.servers.push(server);
  return server;
}

/** A secret, and the servers that may see it. */
function plant(scene, name, value, mayGoTo) {
  scene.secrets.push({ name, value, mayGoTo });
  return value;
}

/** An invoice of the sandbox's seller with a token for it; what the payment proves may only go to `at`. */
function sell(scene, { amountMsat = 5000, at = 'seller', expirySeconds = 3600, ...terms } = {}) {
  const preimageHex = randomBytes(32).toString('hex');
  const wanted = { amountMsat, description: 'one item', expirySeconds, preimageHex };
  const { invoice, paymentHashHex } = scene.network.lightning.addInvoice('seller', wanted);
  const token = mintToken({ paymentHashHex, priceMsat: amountMsat, ...terms });
  const places = [at].flat();
  plant(scene, 'preimage', preimageHex, places);
  plant(scene, 'token', token, places);
  return {
    invoice,
    paymentHashHex,
    preimageHex,
    token,
    offer: (response, more) => offer(response, { token, invoice, ...more }),
  };
}

/** An invoice with something wrong, and its twin in the books: whoever asks the wallet to pay it pays the twin. */
function forged(scene, changes) {
  const made = forge(changes);
  const amountMsat = changes.amountMsat === undefined ? 5000 : Number(changes.amountMsat ?? TWIN_MSAT);
  const wanted = { amountMsat, description: 'twin', expirySeconds: 3600, preimageHex: made.preimageHex };
  scene.twins.set(made.invoice, scene.network.lightning.addInvoice('seller', wanted).invoice);
  plant(scene, 'preimage', made.preimageHex, []);
  return made;
}

/** @param options - what the kind of buyer takes; `walletUrl` where something stands before the wallet, `open` where the case has a buyer of its own. */
async function openBuyer(scene, makeBuyer, { open = makeBuyer, ...options }) {
  const walletUrl = options.walletUrl ?? scene.front.url;
  const wallet = await unwatched(() => openWallet(scene, walletUrl));
  const allowHosts = scene.servers
    .filter(({ inside, name }) => inside !== true && name !== WALLET)
    .map(({ url }) => new URL(url).host);
  const pinned = scene.servers.find(({ certificatePem }) => certificatePem !== undefined)?.certificatePem;
  const egress = pinCertificate(createEgress({ allowHosts }), pinned);
  const { folder, walletMacaroonHex } = scene;
  const tell = (what) => scene.told.push(what);
  const buyer = await open({ ...options, wallet, egress, folder, tell, walletUrl, walletMacaroonHex, allowHosts });
  scene.closing.push(async () => {
    await buyer.close();
    await egress.close();
    await wallet.close();
  });
  return buyer;
}

/** What the wallet is asked to pay in place of an invoice that has a twin. */
function twinOf(invoice) {
  if (invoice === undefined) return {};
  const { value } = readOwnInvoice(invoice);
  return { invoice, paymentHashHex: value.paymentHashHex, amountMsat: Number(value.amountMsat) };
}

/** Asked to pay an invoice with a twin, it pays the twin: no check of its own stands behind the client's. */
async function openWallet({ walletMacaroonHex, twins }, url) {
  const egress = createEgress();
  const wallet = await connectLndPayer({ url, macaroonHex: walletMacaroonHex, egress, callTimeoutMs: PATIENCE_MS });
  return {
    ...wallet,
    pay: (request) => unwatched(() => wallet.pay({ ...request, ...twinOf(twins.get(request.invoice)) })),
    lookUp: (paymentHashHex) => unwatched(() => wallet.lookUp(paymentHashHex)),
    close: () => egress.close(),
  };
}

function pinCertificate(egress, certificatePem) {
  if (certificatePem === undefined) return egress;
  const pin = ({ url }) => (url.startsWith('https:') ? { tls: { certificatePem } } : {});
  return { ...egress, exchange: (request) => egress.exchange({ ...request, ...pin(request) }) };
}

function paymentsOf(network) {
  return network.books().nodes.find(({ name }) => name === 'buyer').payments;
}

/** The worst that can come of payments under way. */
function settleAll(network) {
  for (const { state, paymentHashHex } of paymentsOf(network)) {
    if (state === 'IN_FLIGHT') network.resolve(paymentHashHex, 'settled');
  }
}

function nextPayment(network) {
  return new Promise((resolve) => {
    const stop = network.lightning.paymentNews.add(() => {
      stop();
      resolve();
    });
  });
}

async function close(scene) {
  for (const step of scene.closing) await step();
  for (const server of scene.servers) server.close();
  await scene.front.close();
  scene.network.close();
  rmSync(scene.folder, { recursive: true, force: true });
}
