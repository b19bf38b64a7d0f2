import { Command } from 'commander';
import { loadConfig } from '../../core/config/load-config.js';
import { ledgerError } from '../../core/errors/ledger.errors.js';
import { databaseUrlOf, withStores, type Stores } from '../database-access.js';

/** Few things that are needed without a browser; the dashboard does the rest. */
export function streamCommand(): Command {
  const stream = new Command('stream').description('List and create streams and their keys');
  stream.command('list').description('Streams with their state').action(() => withDatabase(async ({ streams }) => {
    for (const { name, title, adapterId, state, stateDetail } of await streams.list()) {
      print([name.padEnd(20), state.padEnd(9), adapterId.padEnd(8), title, stateDetail ?? ''].join('  ').trimEnd());
    }
  }));
  stream
    .command('create')
    .description('Create a stream for an RTMP encoder and print its key')
    .argument('<name>', 'a-z, 0-9, - and _')
    .option('--title <title>', 'title for people; the name when absent')
    .action((name: string, { title }: { title?: string }) => withDatabase(async ({ streams }) => {
      const created = await streams.create({ name, title: title ?? name, adapterId: 'rtmp' });
      const { key } = await streams.createKey(created.id);
      print(`Stream key: ${key}`);
    }));
  stream
    .command('key')
    .description('Add a key to a stream and print it; keys cannot be shown again')
    .argument('<name>')
    .action((name: string) => withDatabase(async ({ streams }) => {
      const found = await streams.getByName(name);
      if (found === null) throw ledgerError('VD_STREAM_NOT_FOUND', `There is no stream ${JSON.stringify(name)}`);
      const { key } = await streams.createKey(found.id);
      print(`Stream key: ${key}`);
    }));
  return stream;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function withDatabase(work: (stores: Stores) => Promise<void>): Promise<void> {
  const loaded = loadConfig();
  await withStores(loaded, databaseUrlOf(loaded), work);
}
