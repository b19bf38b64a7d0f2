import { Command } from 'commander';
import { Up } from '../up/run-up.js';

export function upCommand(): Command {
  return new Command('up')
    .description('Run everything on this machine: database, ingest, worker, API and dashboard. The default.')
    .option('--no-demo', 'leave the demo stream out')
    .action(async (options: { demo: boolean }) => {
      await new Up({ demo: options.demo }).run();
    });
}
