// Pays from the state file named in the first argument until it is killed, and says each payment once it is settled.
import { writeSync } from 'node:fs';
import { createSandboxNetwork } from '@satway/wallets/sandbox';

const network = createSandboxNetwork({
  stateFile: process.argv[2],
  routingFee: { baseMsat: 10, proportionalMillionths: 0 },
});
const buyer = network.addNode('buyer', { balanceMsat: 100_000_000 });
const seller = network.addNode('seller');

for (;;) {
  const bill = await seller.issuer.create({ amountMsat: 1000, description: 'x', expirySeconds: 600 });
  const outcome = await buyer.payer.pay({ ...bill, feeLimitMsat: 10, timeoutMs: 10_000 });
  if (outcome.state === 'settled') writeSync(1, `${bill.paymentHashHex} ${outcome.preimageHex}\n`);
}
