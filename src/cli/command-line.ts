import { Command } from 'commander';
import { auditCommand } from './commands/audit.js';
import { backfillCommand } from './commands/backfill.js';
import { brandCommand } from './commands/brand.js';
import { capacityCommand } from './commands/capacity.js';
import { clipCommand } from './commands/clip.js';
import { doctorCommand } from './commands/doctor.js';
import { migrateCommand } from './commands/migrate.js';
import { modelCommand } from './commands/model.js';
import { roleCommands } from './commands/roles.js';
import { sourcesCommand } from './commands/sources.js';
import { importCommand } from './commands/import.js';
import { streamCommand } from './commands/stream.js';
import { tokenCommand } from './commands/token.js';
import { upCommand } from './commands/up.js';
import { packageFacts } from '../core/runtime/package-facts.js';
import { leave } from './process/leave.js';
import { reportError } from './report-error.js';
import { refuseUnknownCommand } from './unknown-command.js';

/** `vedette <command>`, with the arguments of this process. */
export async function runCommandLine(): Promise<void> {
  // These go on until they are told to end; the others are done when their action is, whatever a plugin left running.
  const lasting = [upCommand(), ...roleCommands()];
  const program = new Command('vedette')
    .description('A sentry for live video: RTMP and webcams in, HLS and analysis results out.')
    .version(packageFacts().version)
    .configureHelp({ showGlobalOptions: true })
    .hook('postAction', async (_, command) => {
      if (!lasting.includes(command)) await leave();
    });
  for (const command of [
    ...lasting,
    migrateCommand(),
    doctorCommand(),
    capacityCommand(),
    tokenCommand(),
    auditCommand(),
    streamCommand(),
    sourcesCommand(),
    clipCommand(),
    importCommand(),
    backfillCommand(),
    modelCommand(),
    brandCommand(),
  ])
    program.addCommand(command, { isDefault: command.name() === 'up' });

  try {
    refuseUnknownCommand(
      process.argv.slice(2),
      program.commands.map((command) => command.name()),
    );
    await program.parseAsync(process.argv);
  } catch (error) {
    process.exitCode = reportError(error);
    await leave();
  }
}
