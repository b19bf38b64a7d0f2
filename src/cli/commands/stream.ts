import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { COMMAND_LINE } from '../../core/audit/actor.js';
import { loadConfig } from '../../core/config/load-config.js';
import { INGEST_NODE_NAME } from '../../core/config/streams-config.js';
import { InvalidInput, issuesOf } from '../../core/api/http/validation.pipe.js';
import { SourceConfigs } from '../../core/api/resources/source-config.js';
import { newStreamBody } from '../../core/wire/inputs.js';
import { withStores, type Stores } from '../database-access.js';
import { databaseUrlOf } from '../database-address.js';
import { streamHealthCommand } from './stream-health.js';
import { streamKeyCommands } from './stream-keys.js';
import { checkPlugins } from '../plugin-check.js';

/** Few things that are needed without a browser; the dashboard does the rest. */
export function streamCommand(): Command {
  const stream = new Command('stream').description('List and create streams and their keys, and tell how they are');
  stream
    .command('list')
    .description('Streams with their state')
    .action(() =>
      withDatabase(async ({ streams }) => {
        for (const { name, title, adapterId, state, stateDetail } of await streams.list()) {
          print([name.padEnd(20), state.padEnd(9), adapterId.padEnd(8), title, stateDetail ?? ''].join('  ').trimEnd());
        }
      }),
    );
  stream
    .command('create')
    .description('Create a stream: for an RTMP encoder (its key is printed), or from a camera')
    .argument('<name>', 'a-z, 0-9, - and _')
    .option('--title <title>', 'title for people; the name when absent')
    .option('--adapter <id>', 'source adapter', 'rtmp')
    .option('--config <json>', 'config of the adapter, e.g. {"format":"v4l2","device":"/dev/video0"}; - reads it from standard input')
    .option('--node <name>', 'the only ingest node that may run the stream or admit its publishers; any when absent', nodeName)
    .addHelpText('after', '\nExample: vedette stream create door --adapter webcam --config \'{"format":"v4l2","device":"/dev/video0"}\'')
    .action((name: string, options: CreateOptions) => create(name, options));
  for (const command of streamKeyCommands(withDatabase)) stream.addCommand(command);
  stream.addCommand(streamHealthCommand());
  return stream;
}

interface CreateOptions {
  readonly title?: string;
  readonly adapter: string;
  readonly config?: string;
  readonly node?: string;
}

/** @throws VD_API_INVALID, VD_API_ADAPTER_UNKNOWN, VD_API_SOURCE_CONFIG_INVALID, VD_STREAM_NAME_TAKEN, VD_STREAM_NAME_INVALID */
async function create(name: string, { title, adapter, config, node }: CreateOptions): Promise<void> {
  const given = newStreamBody.pick({ name: true, title: true }).safeParse({ name, ...(title === undefined ? {} : { title }) });
  if (!given.success) throw new InvalidInput(issuesOf(given.error.issues));
  // A password on the command line is seen by all users of the machine.
  const sourceConfig = config === undefined ? undefined : parseObject(config === '-' ? readFileSync(0, 'utf8') : config);
  const source = new SourceConfigs(await checkPlugins(loadConfig())).check(adapter, sourceConfig);
  await withDatabase(async ({ streams, audit }) => {
    const created = await streams.create({
      name: given.data.name,
      title: given.data.title ?? given.data.name,
      adapterId: adapter,
      sourceConfig,
      node,
    });
    await audit.record({
      by: COMMAND_LINE,
      action: 'stream.create',
      target: created.id,
      detail: { name: created.name, adapterId: adapter },
    });
    if (source.definition.kind === 'stream')
      return print(`Stream ${created.name} is created; it starts within seconds where vedette runs.`);
    const { key } = await streams.createKey(created.id);
    print(`Stream key: ${key}`);
  });
}

function nodeName(text: string): string {
  if (INGEST_NODE_NAME.test(text)) return text;
  throw new InvalidArgumentError("an ingest node's name, as in its config (`ingest.node`) or its host's name.");
}

function parseObject(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below, as for any other text that is no object.
  }
  throw new InvalidInput(
    [{ path: '--config', message: 'expected a JSON object, such as {"device":"/dev/video0"}' }],
    'VD_API_SOURCE_CONFIG_INVALID',
  );
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function withDatabase(work: (stores: Stores) => Promise<void>): Promise<void> {
  const loaded = loadConfig();
  await withStores(loaded, databaseUrlOf(loaded), work);
}
