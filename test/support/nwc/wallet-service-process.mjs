// An independent NIP-47 wallet service in a process of its own: that of @getalby/sdk, in front of one LND. Its configuration is JSON in the
// environment variable `WALLET_SERVICE`:
//   relayUrl, walletSecretHex, clientPubkeyHex, node { url, macaroonHex, certificatePem? }, methods [..], encryptions ['nip44_v2', 'nip04'],
//   notifications [..], answers 'once' | 'twice'
// Tells its parent `{ ready: true }`. Ends with its parent.
import { WebSocket } from 'ws';

globalThis.WebSocket = WebSocket;
const { NWCWalletService, NWCWalletServiceKeyPair } = await import('@getalby/sdk/nwc');
const { createLndBackend } = await import('./lnd-backend.mjs');

const config = JSON.parse(process.env['WALLET_SERVICE'] ?? '{}');
const { relayUrl, walletSecretHex, clientPubkeyHex, methods, encryptions, notifications } = config;
const backend = createLndBackend(config.node);
const keys = new NWCWalletServiceKeyPair(walletSecretHex, clientPubkeyHex);

/** The service as it is, held to the encryptions that it is to know. */
class Service extends NWCWalletService {
  async decrypt(keypair, content, encryption) {
    if (!encryptions.includes(encryption)) throw new Error(`no ${encryption} here`);
    return super.decrypt(keypair, content, encryption);
  }

  /** A second answer to the same request: another event, since its time is another. */
  async signEvent(template, secret) {
    const signed = await super.signEvent(template, secret);
    if (config.answers === 'twice' && template.kind === 23_195) {
      const later = await super.signEvent({ ...template, created_at: template.created_at + 1 }, secret);
      void this.relay.publish(later);
    }
    return signed;
  }
}

const service = new Service({ relayUrl });

/** The service's own publishing names both encryptions whatever it is to know. */
async function publishInfo() {
  await service.relay.connect();
  const tags = encryptions.includes('nip44_v2') ? [['encryption', encryptions.join(' ')]] : [];
  if (notifications.length > 0) tags.push(['notifications', notifications.join(' ')]);
  const template = { kind: 13_194, created_at: now(), tags, content: [...methods, 'notifications'].join(' ') };
  await service.relay.publish(await service.signEvent(template, walletSecretHex));
}

async function notify(transaction) {
  const encryption = encryptions.includes('nip44_v2') ? 'nip44_v2' : 'nip04';
  const text = JSON.stringify({ notification_type: 'payment_received', notification: transaction });
  const template = {
    kind: encryption === 'nip04' ? 23_196 : 23_197,
    created_at: now(),
    tags: [['p', clientPubkeyHex]],
    content: await service.encrypt(keys, text, encryption),
  };
  await service.relay.publish(await service.signEvent(template, walletSecretHex));
}

function now() {
  return Math.floor(Date.now() / 1000);
}

const handlers = {
  get_info: ['getInfo', () => backend.getInfo(methods, notifications)],
  get_balance: ['getBalance', backend.getBalance],
  make_invoice: ['makeInvoice', backend.makeInvoice],
  lookup_invoice: ['lookupInvoice', backend.lookupInvoice],
  pay_invoice: ['payInvoice', backend.payInvoice],
};

/** What the node does not answer is an internal error, as NIP-47 has it. */
const guarded = (handle) => async (parameters) => {
  try {
    return await handle(parameters);
  } catch {
    return { result: undefined, error: { code: 'INTERNAL', message: 'the node cannot be reached' } };
  }
};

await publishInfo();
const offered = methods.map((method) => handlers[method]).filter((entry) => entry !== undefined);
await service.subscribe(keys, Object.fromEntries(offered.map(([name, handle]) => [name, guarded(handle)])));
if (notifications.includes('payment_received')) backend.followInvoices((invoice) => void notify(invoice));
process.on('disconnect', () => process.exit(0));
// A relay that leaves must not end the service.
process.on('unhandledRejection', () => undefined);
process.send?.({ ready: true });
