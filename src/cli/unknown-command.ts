import { closest } from '../core/plugin-api/index.js';
import { bootError } from '../core/errors/boot.errors.js';

/**
 * What is no command would be taken for an argument of the default one, `up`.
 * @param args without the program's name
 * @throws VD_BOOT_UNKNOWN_COMMAND
 */
export function refuseUnknownCommand(args: readonly string[], commands: readonly string[]): void {
  const [word] = args.filter((arg) => !arg.startsWith('-'));
  if (word === undefined || word === 'help' || commands.includes(word)) return;
  const near = closest(word, commands);
  throw bootError(
    'VD_BOOT_UNKNOWN_COMMAND',
    `${JSON.stringify(word)} is not a command; ${near === undefined ? `there are ${commands.join(', ')}` : `did you mean ${near}?`}`,
  );
}
