export { createSentSecrets, type SentSecrets } from './sent-secrets.js';
export { watchRequests } from './watch-requests.js';
