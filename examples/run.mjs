// Runs every example, one after the other; ends with 1 when one of them does not keep what it promises.
//
//     npm run examples
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const examples = readdirSync(folder).filter((name) => name.endsWith('.mjs') && name !== 'run.mjs');
const broken = examples.filter((name) => {
  console.log(`\n== ${name} ==`);
  return spawnSync(process.execPath, [folder + name], { stdio: 'inherit' }).status !== 0;
});
console.log(broken.length === 0 ? `\nAll ${examples.length} examples hold.` : `\nBroken: ${broken.join(', ')}.`);
process.exitCode = broken.length === 0 ? 0 : 1;
