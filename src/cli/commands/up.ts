import { Command } from 'commander';

export function upCommand(): Command {
  return new Command('up')
    .description('Run everything on this machine: database, ingest, worker, API and dashboard. The default.')
    .option('--no-demo', 'leave the demo stream out')
    .action(async (options: { demo: boolean }) => {
      const { runUp } = await import('../up/run-up.js');
      await runUp(options);
    });
}
