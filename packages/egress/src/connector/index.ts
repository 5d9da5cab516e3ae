export { type CertificatePin, keyOfPin } from './certificate-pin.js';
export { type ConnectorOptions, createConnector } from './connector.js';
export { isStaleConnection, watchForStale } from './stale-connection.js';
