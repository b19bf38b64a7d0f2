import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CodedError } from '../../core/plugin-api/index.js';
import { Preparation } from './preparation-child.js';

let folder: string;
let preparation: Preparation;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-preparation-'));
});
afterEach(() => {
  preparation.end();
  rmSync(folder, { recursive: true, force: true });
});

/** A process that answers each step by what its name in `behaviour` says. */
function prepare(behaviour: Record<string, string>): Preparation {
  const entry = join(folder, 'entry.mjs');
  const cases = Object.entries(behaviour).map(([step, code]) => `case '${step}': ${code}; break;`);
  writeFileSync(entry, `process.on('message', ({ step, options }) => { switch (step) { ${cases.join('\n')} } });`);
  return (preparation = new Preparation(entry));
}

describe(Preparation.name, () => {
  it('gives what a step answers, whole: absent values and lists as they are', async () => {
    const steps = prepare({
      check: 'process.send({ step, result: { publishUrl: null, secrets: [String(process.execArgv), process.env.MALLOC_ARENA_MAX] } })',
    });
    const { publishUrl, secrets } = await steps.step('check', {});
    expect(publishUrl).toBeNull();
    // A Node.js of ours, with the heap of one.
    expect(secrets).toEqual(['--max-semi-space-size=1', '1']);
  });

  it('fails with the coded error of the step, and with the stack of one that was foreseen by nobody', async () => {
    const steps = prepare({
      read: "process.send({ step, error: { code: 'VD_CONFIG_INVALID', message: 'api.port', fix: 'Set it' } })",
      migrate: "process.send({ step, error: { message: 'odd', stack: 'Error: odd at there' } })",
    });
    const coded = await steps.step('read', {}).catch((error: unknown) => error);
    expect(coded).toBeInstanceOf(CodedError);
    expect(coded).toMatchObject({ code: 'VD_CONFIG_INVALID', message: 'api.port', fix: 'Set it' });
    await expect(steps.step('migrate', { databaseUrl: 'postgres://' })).rejects.toMatchObject({
      message: 'odd',
      stack: 'Error: odd at there',
    });
  });

  it('fails when its process ends, also for what is asked afterwards', async () => {
    const steps = prepare({ read: 'process.exit(3)' });
    await expect(steps.step('read', {})).rejects.toThrow('The process that prepares the start ended with exit code 3');
    await expect(steps.step('check', {})).rejects.toThrow('exit code 3');
  });

  it('gives up the step that is under way when it is ended', async () => {
    const steps = prepare({ read: '' });
    const waiting = steps.step('read', {});
    steps.end();
    await expect(waiting).rejects.toThrow('ended with SIGKILL');
  });
});
