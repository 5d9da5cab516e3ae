// Adds master keys in a process of its own, from the built packages, and names each that it was told was added.
import { addMasterKey } from '@satway/gateway';

const [path, count] = process.argv.slice(2);
for (let added = 0; added < Number(count); added += 1) {
  const { id } = await addMasterKey(path);
  process.stdout.write(`${id}\n`);
}
