import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { LOWER_PRIORITY } from './lower-priority.js';

const SCRIPT = `
const { lowerPriority } = await import(${JSON.stringify(new URL('./lower-priority.ts', import.meta.url).href)});
const { getPriority } = await import('node:os');
const { readdirSync } = await import('node:fs');
lowerPriority();
console.log(JSON.stringify([0, ...readdirSync('/proc/self/task').map(Number)].map((thread) => getPriority(thread))));`;

describe('lowerPriority', () => {
  it.runIf(process.platform === 'linux')('puts every thread of its process behind what runs at the usual priority', () => {
    const args = ['--experimental-strip-types', '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', SCRIPT];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    const priorities = JSON.parse(stdout || `"${stderr}"`) as number[];
    expect(priorities.length).toBeGreaterThan(2);
    expect(priorities.every((priority) => priority >= LOWER_PRIORITY)).toBe(true);
  });
});
