export type {
  BookedInvoice,
  BookedPayment,
  NodeBooks,
  PaymentFault,
  RoutingFee,
  SandboxBooks,
  SandboxClock,
} from './network/index.js';
export {
  createSandboxNetwork,
  type SandboxNetwork,
  type SandboxNetworkOptions,
  type SandboxNode,
} from './sandbox-network.js';
export {
  createSelfSignedCertificate,
  type MacaroonKind,
  type SandboxLndServer,
  type SandboxLndServerOptions,
  type SelfSignedCertificate,
  startSandboxLndServer,
} from './lnd-rest/index.js';
