import { Command } from 'commander';
import { runRole } from '../../main.js';

/** The roles one by one, for a service manager or for several machines. They need DATABASE_URL. */
export function roleCommands(): Command[] {
  return [
    new Command('api').description('Run the API and dashboard only').action(() => runRole('api')),
    new Command('ingest').description('Run the ingest only: listeners, sources, packaging').action(() => runRole('ingest')),
    new Command('worker')
      .description('Run a worker only')
      .option('--queues <names>', 'the queues it takes, separated by commas; all when absent')
      .action(({ queues }: { queues?: string }) => {
        const names = queues?.split(',').map((name) => name.trim()).filter((name) => name !== '');
        return runRole('worker', names === undefined ? {} : { queues: names });
      }),
  ];
}
