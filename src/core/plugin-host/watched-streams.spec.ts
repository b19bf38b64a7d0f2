import { describe, expect, it } from 'vitest';
import type { RegisteredAnalyzer } from './plugin-registry.js';
import { streamPatterns, watchesStream } from './watched-streams.js';

const analyzer = (written?: readonly string[], manifest?: readonly string[]): RegisteredAnalyzer =>
  ({ placement: { streams: written }, definition: { streams: manifest } }) as unknown as RegisteredAnalyzer;

describe(watchesStream.name, () => {
  it.each([
    [['*'], 'yard', true],
    [['*', '!demo'], 'yard', true],
    [['*', '!demo'], 'demo', false],
    [['!demo', '*'], 'demo', false],
    [['!demo'], 'yard', true],
    [['!demo', '!test-*'], 'test-1', false],
    [['studio-*', '!studio-3'], 'studio-2', true],
    [['studio-*', '!studio-3'], 'studio-3', false],
    [['studio-*', '!studio-3'], 'yard', false],
    [[], 'yard', false],
  ])('takes %j for %s: %s', (streams, name, isWatched) => {
    expect(watchesStream(analyzer(streams), name)).toBe(isWatched);
  });
});

describe(streamPatterns.name, () => {
  it('are the config’s, else the manifest’s, else all', () => {
    expect(streamPatterns(analyzer(['yard'], ['demo']))).toEqual(['yard']);
    expect(streamPatterns(analyzer(undefined, ['demo']))).toEqual(['demo']);
    expect(streamPatterns(analyzer())).toEqual(['*']);
  });
});
