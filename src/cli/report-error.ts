import { redactText } from '../core/observability/redact.js';
import { exitCodeOf } from './exit-codes.js';

/**
 * Tells a person what went wrong: a coded error by its code, message and fix; anything else with its stack, since then it is
 * our fault.
 * @returns the exit code for it
 */
export function reportError(error: unknown, output: { write(text: string): unknown } = process.stderr): number {
  const { code, message, fix, stack } = error as { code?: unknown; message?: string; fix?: string; stack?: string };
  if (typeof code === 'string' && code.startsWith('VD_')) {
    const body = redactText(message ?? '')
      .split('\n')
      .join('\n  ');
    output.write(`\n${code}\n  ${body}\n${fix === undefined ? '' : `\n  To fix it: ${fix}\n`}\n`);
    return exitCodeOf(code);
  }
  output.write(`\n${redactText(stack ?? String(error))}\n\n`);
  return 1;
}
