import { join } from 'node:path';
import { satwayHome } from '../pay/satway-home.js';

/** Where is written down what `satway wallet pay` sends; may not be there yet. */
export function directPaymentsFolder(environment: NodeJS.ProcessEnv): string {
  return join(satwayHome(environment), 'direct-payments');
}
