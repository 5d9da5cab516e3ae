// A gateway in a process of its own, from the built packages, so that a test can kill it for real.
import { loadGatewayConfig, startGateway } from '@satway/gateway';

const gateway = await startGateway(await loadGatewayConfig(process.argv[2]));
process.on('SIGTERM', () => void gateway.close().then(() => process.exit(0)));
process.stdout.write(`${gateway.url}\n`);
