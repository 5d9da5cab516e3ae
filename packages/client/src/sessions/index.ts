export { keepSession, sessionOf } from './keep-session.js';
export { createSessions, type KnownSession, type Session, type Sessions } from './sessions.js';
