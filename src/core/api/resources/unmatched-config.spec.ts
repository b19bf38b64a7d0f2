import { describe, expect, it } from 'vitest';
import type { RegisteredAnalyzer } from '../../plugin-host/plugin-registry.js';
import { unknownQueues, unmatchedPatterns } from './unmatched-config.js';

const analyzer = (id: string, streams?: readonly string[]) =>
  ({ definition: { id }, placement: { streams } }) as unknown as Pick<RegisteredAnalyzer, 'definition' | 'placement'>;
const STREAMS = [{ name: 'studio-1' }, { name: 'yard' }];
const NAMES = STREAMS.map(({ name }) => name);

describe(unmatchedPatterns.name, () => {
  it.each([[['*']], [['studio-*', 'yard']], [[]]])('has nothing to say of %j', (patterns) => {
    expect(unmatchedPatterns([analyzer('motion', patterns)], STREAMS, NAMES)).toEqual([]);
  });

  it('names each pattern that matches nothing, with the nearest name', () => {
    expect(unmatchedPatterns([analyzer('motion', ['yrad', 'yard']), analyzer('logo-detection', ['cam-*'])], STREAMS, NAMES)).toEqual([
      'No stream matches "yrad", which motion is to run on; did you mean "yard"?',
      'No stream matches "cam-*", which logo-detection is to run on',
    ]);
  });

  it('names exceptions that leave nothing out, and takes those that do for what they are', () => {
    expect(unmatchedPatterns([analyzer('motion', ['*', '!yard'])], STREAMS, NAMES)).toEqual([]);
    expect(unmatchedPatterns([analyzer('motion', ['*', '!yrad'])], STREAMS, NAMES)).toEqual([
      'No stream matches "yrad", which motion is not to run on; did you mean "yard"?',
    ]);
  });

  it('has nothing to say of what a manifest names', () => {
    expect(unmatchedPatterns([analyzer('motion')], STREAMS, NAMES)).toEqual([]);
  });

  it('waits for the first stream', () => {
    expect(unmatchedPatterns([analyzer('motion', ['yard'])], [], [])).toEqual([]);
  });
});

describe(unknownQueues.name, () => {
  it('names what no plugin has, with the nearest', () => {
    expect(unknownQueues(['default', 'defualt', 'other'], ['default', 'logo_detection'])).toEqual([
      'queues.concurrency names "defualt", which no plugin has; did you mean default?',
      'queues.concurrency names "other", which no plugin has',
    ]);
  });
});
