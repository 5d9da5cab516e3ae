export { createSandboxIssuer } from './sandbox-issuer.js';
export { createSandboxPayer } from './sandbox-payer.js';
