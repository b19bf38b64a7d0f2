import { describe, expect, it } from 'vitest';
import { WORDS } from '../../testing/work-words';
import { reasonText } from './reason-text';

const said = (code: Parameters<typeof reasonText>[0]['code'], about: Parameters<typeof reasonText>[0]['about']): string =>
  reasonText({ code, text: '', about }, WORDS);

describe(reasonText.name, () => {
  it('names what the reason is about, and how many more', () => {
    expect(said('cost-unknown', { analyzer: 'look', names: ['hall', 'yard'], more: 3 })).toBe(
      'What look costs on hall, yard and 3 more is not known: too few segments were analysed lately.',
    );
    expect(said('lane-too-slow', { stream: 'hall', queue: 'default', load: 1.206 })).toContain(
      'hall takes 1.21 s of work in queue default',
    );
    expect(said('lag-grows', { names: ['default'], more: 0, oldestMs: 42_000 })).toContain(
      'default: segments wait longer and longer, the oldest for 42 s',
    );
  });
  it('gives no figure for work that nobody is there to do', () => {
    expect(said('pools-full', { names: ['default'], more: 0, share: 1.34 })).toContain('are asked for 134% of what they can do');
    expect(said('pools-full', { names: ['default'], more: 0 })).toContain('are asked for more than all of what they can do');
  });
});
