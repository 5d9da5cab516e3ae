// The gateway under test, as an operator would run it.
import { loadGatewayConfig, startGateway } from '@satway/gateway';
import { endWithParent, ownTask, tellParent } from './child-processes.mjs';

endWithParent();
const { configPath } = ownTask();
const { url } = await startGateway(await loadGatewayConfig(configPath));
await tellParent({ ready: true, url });
