import type { Command } from 'commander';
import { gatewayRoom } from '../gateway-room.js';
import { createOutput } from '../output/index.js';

/** `satway keys`: the master keys from which every credential's root key is derived. */
export function addKeysCommand(program: Command): void {
  const keys = program.command('keys').description('Make and list the master keys that sign credentials.');
  keys
    .command('new')
    .description('Add a master key; it signs from now on, and the older ones go on verifying what they signed.')
    .option('--file <path>', 'the file of keys', 'keys.json')
    .option('--json', 'print JSON')
    .action((options: { file: string; json?: boolean }) => printNewKey(options.file, options.json === true));
  keys
    .command('list')
    .description('Show the id and age of each master key, never the key.')
    .option('--file <path>', 'the file of keys', 'keys.json')
    .option('--json', 'print JSON')
    .action((options: { file: string; json?: boolean }) => printKeys(options.file, options.json === true));
}

async function printNewKey(file: string, json: boolean): Promise<void> {
  const output = createOutput(json);
  const { addMasterKey } = await gatewayRoom();
  const { id } = await addMasterKey(file);
  output.event({ event: 'key_added', id, file });
  output.line(`Key ${id} was added to ${file}. A running gateway takes it up by itself.`);
}

async function printKeys(file: string, json: boolean): Promise<void> {
  const output = createOutput(json);
  const { listMasterKeys } = await gatewayRoom();
  for (const { id, createdAtMs, verifyUntilMs, signs } of await listMasterKeys(file)) {
    output.event({ id, createdAtMs, verifyUntilMs, signs });
    const until = verifyUntilMs === null ? 'without end' : `until ${new Date(verifyUntilMs).toISOString()}`;
    output.line(`${id}  made ${new Date(createdAtMs).toISOString()}  verifies ${until}${signs ? '  signs' : ''}`);
  }
}
