import { describe, expect, it } from 'vitest';
import { pluginError } from '../../core/errors/plugin.errors.js';
import { examine } from './doctor.js';

const lines: string[] = [];
const output = { write: (text: string) => lines.push(...text.trimEnd().split('\n')) };

describe(examine.name, () => {
  it('goes on after a finding, tells what could not be looked at for it, and ends a check that does not end', async () => {
    lines.length = 0;
    const exitCode = await examine(
      [
        { name: 'config', look: () => 'is good' },
        { name: 'plugins', look: () => Promise.reject(pluginError('VD_PLUGIN_LOAD_FAILED', './a.mjs: no', { fix: 'Mend it.' })) },
        { name: 'ports', look: () => ({ notLookedAt: 'the plugins say which' }) },
        { name: 'database', look: () => new Promise<never>(() => undefined) },
        {
          name: 'models',
          look: () => {
            throw new Error('thrown at once');
          },
        },
      ],
      output,
      50,
    );
    expect(lines).toEqual([
      'ok    config     is good',
      'FAIL  plugins    VD_PLUGIN_LOAD_FAILED ./a.mjs: no',
      '                 Mend it.',
      '-     ports      not looked at: the plugins say which',
      'FAIL  database    it was still being looked at after 50 ms',
      'FAIL  models      thrown at once',
    ]);
    expect(exitCode).toBe(17);
  });
});
