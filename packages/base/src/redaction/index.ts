export { isSecretName, REDACTED, redact, redactText } from './redact.js';
