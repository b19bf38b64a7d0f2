import { Command } from 'commander';
import { runRole, type RoleOptions } from '../../main.js';

/** The roles one by one, for a service manager or for several machines. They need DATABASE_URL. */
export function roleCommands(): Command[] {
  return [
    new Command('api').description('Run the API and dashboard only').action(() => runRole('api')),
    new Command('ingest').description('Run the ingest only: listeners, sources, packaging').action(() => runRole('ingest')),
    new Command('worker')
      .description('Run a worker only')
      .option('--queues <names>', 'queues that the worker processes, separated by commas; all when absent')
      .action(({ queues }: { queues?: string }) => {
        const names = queues
          ?.split(',')
          .map((name) => name.trim())
          .filter((name) => name !== '');
        return runRole('worker', { queues: names });
      }),
    new Command('worker-host')
      .description('Lend this machine to workers elsewhere (strategy remote-lan); needs no database')
      .option(
        '--token-file <file>',
        'the token it shares with the workers; made when the file is not there yet (default: <dataDir>/worker-host/token)',
      )
      .option('--listen <host:port>', 'address and port that workers connect to, over TLS; 0.0.0.0:7443 when absent')
      .option('--name <name>', "name on the dashboard; the host's name when absent")
      .option('--announce', 'announce the worker host on the local network (mDNS)')
      .action((workerHost: NonNullable<RoleOptions['workerHost']>) => runRole('worker-host', { workerHost })),
  ];
}
