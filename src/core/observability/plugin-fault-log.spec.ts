import { beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from './logger.js';
import { PluginFaultLog } from './plugin-fault-log.js';

interface Line {
  readonly by: string;
  readonly passedOver?: number;
  readonly error: { readonly message: string; readonly stack: string; readonly cause?: { readonly message: string } };
}

let nowMs: number;
let lines: Line[];
let faults: PluginFaultLog;
beforeEach(() => {
  nowMs = 0;
  lines = [];
  const destination = { write: (line: string) => lines.push(JSON.parse(line) as Line) };
  faults = new PluginFaultLog(createLogger({ role: 'test', level: 'info', format: 'json', destination }), () => nowMs);
});

const thrown = (number: number): Error => new Error(`frame ${number} has no door`, { cause: new Error('the model answers nothing') });

describe(PluginFaultLog.name, () => {
  it('writes the stack and the cause of what was thrown', () => {
    faults.tell('acme.door', thrown(1));
    expect(lines).toEqual([expect.objectContaining({ by: 'acme.door' })]);
    expect(lines[0]?.error.stack).toContain('plugin-fault-log.spec.ts');
    expect(lines[0]?.error.cause?.message).toBe('the model answers nothing');
  });

  it('writes one of a kind a minute, and how many there were', () => {
    for (let i = 0; i < 500; i++) faults.tell('acme.door', thrown(i));
    expect(lines).toHaveLength(1);
    nowMs = 59_999;
    faults.tell('acme.door', thrown(500));
    expect(lines).toHaveLength(1);
    nowMs = 60_000;
    faults.tell('acme.door', thrown(501));
    expect(lines.map(({ passedOver, error }) => [error.message, passedOver])).toEqual([
      ['frame 0 has no door', undefined],
      ['frame 501 has no door', 500],
    ]);
  });

  it('takes another plugin, another place and another kind of error for themselves', () => {
    faults.tell('acme.door', thrown(1));
    faults.tell('acme.gate', thrown(1));
    faults.tell('acme.door', new TypeError('x is not a function'));
    faults.tell('acme.door', 'a text');
    faults.tell('acme.door', 'a text');
    expect(lines.map(({ by, error }) => [by, error.message])).toEqual([
      ['acme.door', 'frame 1 has no door'],
      ['acme.gate', 'frame 1 has no door'],
      ['acme.door', 'x is not a function'],
      ['acme.door', 'a text'],
    ]);
  });
});
