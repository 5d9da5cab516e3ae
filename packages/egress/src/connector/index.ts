export { type ConnectorOptions, createConnector } from './connector.js';
