export { createSelfSignedCertificate, type SelfSignedCertificate } from './self-signed.js';
