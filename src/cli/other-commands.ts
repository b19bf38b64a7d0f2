import type { Command } from 'commander';
import { auditCommand } from './commands/audit.js';
import { brandCommand } from './commands/brand.js';
import { capacityCommand } from './commands/capacity.js';
import { doctorCommand } from './commands/doctor.js';
import { migrateCommand } from './commands/migrate.js';
import { modelCommand } from './commands/model.js';
import { roleCommands } from './commands/roles.js';
import { streamCommand } from './commands/stream.js';
import { tokenCommand } from './commands/token.js';

/** Every command but `up`, in the order of the help text. */
export const otherCommands = (): Command[] => [
  ...roleCommands(),
  migrateCommand(),
  doctorCommand(),
  capacityCommand(),
  tokenCommand(),
  auditCommand(),
  streamCommand(),
  modelCommand(),
  brandCommand(),
];
