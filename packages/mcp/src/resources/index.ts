export { registerResources } from './register-resources.js';
