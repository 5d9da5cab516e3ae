// Pays one invoice with the built adapter: the order is JSON in the environment variable `PAYMENT_ORDER`. Tells its parent
// `{ state }` of the outcome and ends by itself, with the connection still open.
import { connectNwcPayer } from '@satway/wallets/nwc';

const { uri, ...request } = JSON.parse(process.env['PAYMENT_ORDER'] ?? '{}');
const payer = await connectNwcPayer({ uri });
const { state } = await payer.pay({ ...request, feeLimitMsat: 10_000 });
process.send?.({ state });
process.disconnect?.();
