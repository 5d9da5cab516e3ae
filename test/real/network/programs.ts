import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Folder with btcd, lnd and lncli. The build is instant when it was made before; otherwise it takes minutes and says so on stderr. */
export function findPrograms(): string {
  const script = fileURLToPath(new URL('../../../scripts/build-lightning-nodes.sh', import.meta.url));
  return execFileSync(script, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
}
