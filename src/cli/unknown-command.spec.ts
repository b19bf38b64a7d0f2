import { describe, expect, it } from 'vitest';
import { refuseUnknownCommand } from './unknown-command.js';

const COMMANDS = ['up', 'doctor', 'stream'];

describe(refuseUnknownCommand.name, () => {
  it.each([[[]], [['--no-demo']], [['up']], [['stream', 'create', 'nonsense']], [['help', 'up']], [['--version']]])(
    'lets %j pass',
    (args) => {
      expect(() => refuseUnknownCommand(args, COMMANDS)).not.toThrow();
    },
  );

  it('names what is no command, and the nearest that is', () => {
    const refusal = (args: string[]) => {
      try {
        refuseUnknownCommand(args, COMMANDS);
      } catch (error) {
        return error;
      }
      throw new Error('It was let pass');
    };
    expect(refusal(['docter'])).toMatchObject({
      code: 'VD_BOOT_UNKNOWN_COMMAND',
      message: expect.stringContaining('"docter" is not a command; did you mean doctor?') as string,
    });
    expect(refusal(['--no-demo', 'frobnicate'])).toMatchObject({
      message: expect.stringContaining('there are up, doctor, stream') as string,
    });
  });
});
