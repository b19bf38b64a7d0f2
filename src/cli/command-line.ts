import { Command } from 'commander';
import { upCommand } from './commands/up.js';
import { packageFacts } from '../core/runtime/package-facts.js';
import { reportError } from './report-error.js';

/** Anything but a command's name and what asks about the program begins `up`. */
const BEGINS_UP = /^(up|-(?!-help$|-version$|[hV]).*)$/;

/**
 * `vedette <command>`, with the arguments of this process. `up` stays for as long as everything runs, so that it loads no other command
 * and with it no framework (ADR 29).
 */
export async function runCommandLine(): Promise<void> {
  const isUp = BEGINS_UP.test(process.argv[2] ?? 'up');
  const program = new Command('vedette')
    .description('A sentry for live video: RTMP and webcams in, HLS and analysis results out.')
    .version(packageFacts().version)
    .configureHelp({ showGlobalOptions: true })
    .addCommand(upCommand(), { isDefault: true });
  if (!isUp) for (const command of (await import('./other-commands.js')).otherCommands()) program.addCommand(command);

  try {
    await program.parseAsync(process.argv);
  } catch (error) {
    process.exitCode = reportError(error);
  }
}
