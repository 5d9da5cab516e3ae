export { openSocket } from './open-socket.js';
export type { EgressSocket, SocketEvents, SocketRequest } from './socket-types.js';
