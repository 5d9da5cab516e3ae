// Opens a store once, as a program would, and tells the code of its refusal; closes what it no longer holds before it ends.
import { openPurchaseStore } from '@satway/client';

const [path] = process.argv.slice(2);
const warnings = [];
process.on('warning', ({ message }) => warnings.push(message));
let code = null;
try {
  openPurchaseStore({ path }).close();
} catch (error) {
  code = error.code;
}
// Connections that nobody holds are closed by the collector.
for (let round = 0; round < 5; round++) {
  globalThis.gc();
  await new Promise((resolve) => setImmediate(resolve));
}
process.send({ code, warnings }, () => process.exit(0));
