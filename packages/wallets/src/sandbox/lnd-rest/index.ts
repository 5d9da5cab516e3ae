export { createSelfSignedCertificate, type SelfSignedCertificate } from './certificate/index.js';
export type { MacaroonKind } from './macaroon/index.js';
export { type SandboxLndServer, type SandboxLndServerOptions, startSandboxLndServer } from './server.js';
