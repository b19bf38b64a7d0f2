import { Command } from 'commander';
import { loadConfig } from '../../core/config/load-config.js';
import { migrateDatabase } from '../../core/queue/queue-migrations.js';
import { databaseUrlOf } from '../database-address.js';

export function migrateCommand(): Command {
  return new Command('migrate')
    .description('Bring the database up to date. `vedette up` does this at each start; run it where roles are started one by one.')
    .action(async () => {
      await migrateDatabase(databaseUrlOf(loadConfig()));
      process.stdout.write('The database is up to date.\n');
    });
}
