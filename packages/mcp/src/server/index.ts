export { createSatwayMcpServer, SERVER_NAME } from './create-server.js';
