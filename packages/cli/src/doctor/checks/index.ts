export { checkBudget } from './budget-check.js';
export { checkDotenv, checkFiles, checkPlainSecrets } from './file-checks.js';
export { checkKeyAge, checkStore } from './gateway-checks.js';
export { checkUnresolved } from './purchase-checks.js';
export { checkTls } from './tls-check.js';
export {
  checkBalance,
  checkCertificate,
  checkClock,
  checkCustody,
  checkDedicated,
  checkLookUp,
  checkNetwork,
  checkReachable,
  checkScope,
  type JobMoney,
} from './wallet-checks.js';
