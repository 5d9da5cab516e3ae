// Pays one invoice with the built adapter and prints the outcome as JSON. Arguments: the URL, and the payment as JSON. The key is in LNBITS_ADMIN_KEY.
import { connectLnbitsPayer } from '@satway/wallets/lnbits';

const [url, request] = process.argv.slice(2);
const payer = await connectLnbitsPayer({ url, key: process.env.LNBITS_ADMIN_KEY });
const outcome = await payer.pay(JSON.parse(request));
process.stdout.write(JSON.stringify(outcome));
await payer.close();
