import { describe, expect, it } from 'vitest';
import { atLeast, logEntries } from './log-lines.js';
import { createLogger, type LoggerOptions } from './logger.js';

function written(format: LoggerOptions['format']): string {
  let text = '';
  const log = createLogger({ role: 'worker', level: 'debug', format, destination: { write: (line) => (text += line) } });
  log.debug('Looks around');
  log
    .child({ component: 'pipeline' })
    .warn('Segment failed', { segmentId: '12', error: new Error('no door', { cause: new Error('no wall') }) });
  return text;
}

describe(logEntries.name, () => {
  it.each(['pretty', 'json'] as const)('reads %s lines as they are written', (format) => {
    const entries = logEntries(written(format));
    expect(entries.map(({ level, who }) => [level, who])).toEqual([
      ['debug', 'worker'],
      ['warn', 'worker/pipeline'],
    ]);
    expect(entries[0]).toMatchObject({ text: 'Looks around', at: expect.stringMatching(/\d\d:\d\d:\d\d\.\d{3}/) as string });
    expect(entries[1]!.text).toMatch(/^Segment failed/);
    expect(entries[1]!.text).toContain('12');
    expect(entries[1]!.text).toContain('no door');
    expect(entries[1]!.text).toContain('no wall');
  });

  it('keeps what something else wrote', () => {
    expect(logEntries('native noise\n\n{"level":"odd"}\n{broken\n')).toEqual(
      ['native noise', '{"level":"odd"}', '{broken'].map((text) => ({ at: null, level: null, who: null, text })),
    );
  });
});

describe(atLeast.name, () => {
  it('leaves out what is less severe, and noise', () => {
    const entries = [...logEntries(written('pretty')), ...logEntries('noise')];
    expect(atLeast(entries, 'warn').map(({ level }) => level)).toEqual(['warn']);
    expect(atLeast(entries, 'debug')).toEqual(entries);
  });
});
