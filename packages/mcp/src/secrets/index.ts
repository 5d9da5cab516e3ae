export { createSentSecrets, type SentSecrets, withoutSecrets } from './sent-secrets.js';
export { shownAddress } from './shown-address.js';
export { watchRequests } from './watch-requests.js';
