export { createSentSecrets, type SentSecrets, withoutSecrets } from './sent-secrets.js';
export { watchRequests } from './watch-requests.js';
