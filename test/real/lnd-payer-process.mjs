// Pays one invoice from an LND in a process of its own, and prints the outcome. What to pay comes as JSON on stdin, since it holds a credential.
import { text } from 'node:stream/consumers';
import { connectLndPayer } from '@satway/wallets/lnd';

const { connection, payment } = JSON.parse(await text(process.stdin));
const payer = await connectLndPayer(connection);
process.stdout.write('connected\n');
const outcome = await payer.pay(payment);
process.stdout.write(`${JSON.stringify(outcome)}\n`);
await payer.close();
