export { registerTools } from './register-tools.js';
