// The Lightning network of a crash run: it is never killed, and its books are the judge.
import { createSandboxNetwork, startSandboxLndServer } from '@satway/wallets/sandbox';
import { endWithParent, ownTask, tellParent } from './child-processes.mjs';

endWithParent();
const { balanceMsat, paymentDelayMs, routingFee } = ownTask();
const network = createSandboxNetwork({ paymentDelayMs, routingFee });
network.addNode('seller');
network.addNode('buyer', { balanceMsat });
const server = await startSandboxLndServer(network);

process.on('message', ({ ask }) => {
  if (ask === 'books') void tellParent({ books: network.books() });
});
await tellParent({ ready: true, seller: doorOf('seller', 'invoice'), buyer: doorOf('buyer', 'pay') });

function doorOf(node, kind) {
  return { url: server.url, macaroonHex: server.macaroonHex(node, kind) };
}
