// Pays the invoice of the second argument with the phoenixd of the first, and says so; whoever started it kills it first.
import { writeSync } from 'node:fs';
import { connectPhoenixdPayer } from '@satway/wallets/phoenixd';

const [, , connection, bill] = process.argv;
const payer = await connectPhoenixdPayer(JSON.parse(connection));
const outcome = await payer.pay({ ...JSON.parse(bill), feeLimitMsat: 10_000, timeoutMs: 60_000 });
writeSync(1, outcome.state);
