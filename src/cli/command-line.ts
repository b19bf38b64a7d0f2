import { Command } from 'commander';
import { auditCommand } from './commands/audit.js';
import { brandCommand } from './commands/brand.js';
import { capacityCommand } from './commands/capacity.js';
import { doctorCommand } from './commands/doctor.js';
import { migrateCommand } from './commands/migrate.js';
import { modelCommand } from './commands/model.js';
import { roleCommands } from './commands/roles.js';
import { streamCommand } from './commands/stream.js';
import { tokenCommand } from './commands/token.js';
import { upCommand } from './commands/up.js';
import { packageFacts } from '../core/runtime/package-facts.js';
import { reportError } from './report-error.js';

/** `vedette <command>`, with the arguments of this process. */
export async function runCommandLine(): Promise<void> {
  const program = new Command('vedette')
    .description('A sentry for live video: RTMP and webcams in, HLS and analysis results out.')
    .version(packageFacts().version)
    .configureHelp({ showGlobalOptions: true })
    .addCommand(upCommand(), { isDefault: true });
  for (const command of [
    ...roleCommands(),
    migrateCommand(),
    doctorCommand(),
    capacityCommand(),
    tokenCommand(),
    auditCommand(),
    streamCommand(),
    modelCommand(),
    brandCommand(),
  ])
    program.addCommand(command);

  try {
    await program.parseAsync(process.argv);
  } catch (error) {
    process.exitCode = reportError(error);
  }
}
