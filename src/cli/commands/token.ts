import { Command } from 'commander';
import { COMMAND_LINE } from '../../core/audit/actor.js';
import { loadConfig } from '../../core/config/load-config.js';
import { withStores } from '../database-access.js';
import { databaseUrlOf } from '../database-address.js';

export function tokenCommand(): Command {
  return new Command('token').description('Print a new one-time token that signs in as the admin, within an hour').action(async () => {
    const loaded = loadConfig();
    const { token } = await withStores(loaded, databaseUrlOf(loaded), async ({ admins, audit }) => {
      const issued = await admins.issueOneTimeToken();
      await audit.record({ by: COMMAND_LINE, action: 'token.issue' });
      return issued;
    });
    process.stdout.write(`Sign-in token: ${token}\n`);
  });
}
