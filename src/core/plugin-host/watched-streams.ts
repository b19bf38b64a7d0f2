import { matchesGlob } from './glob.js';
import type { RegisteredAnalyzer } from './plugin-registry.js';

/** Before a pattern of streams that are left out. */
const EXCEPT = '!';
const ALL = ['*'];

type Placed = Pick<RegisteredAnalyzer, 'definition' | 'placement'>;

/** Patterns of the streams that the analyzer looks at: the config's, or else its manifest's. */
export const streamPatterns = ({ placement, definition }: Placed): readonly string[] => placement.streams ?? definition.streams ?? ALL;

/**
 * Whether the analyzer looks at the stream of this name.
 * @example watchesStream(analyzerOf({ streams: ['studio-*', '!studio-3'] }), 'studio-2') === true
 */
export function watchesStream(analyzer: Placed, name: string): boolean {
  const patterns = streamPatterns(analyzer);
  const left = patterns.filter((pattern) => pattern.startsWith(EXCEPT)).map(withoutMark);
  const taken = patterns.filter((pattern) => !pattern.startsWith(EXCEPT));
  const matches = (pattern: string): boolean => matchesGlob(pattern, name);
  // Nothing but exceptions: all the others.
  return (taken.length === 0 ? left.length > 0 : taken.some(matches)) && !left.some(matches);
}

/** The pattern by itself, whether it takes streams in or leaves them out. */
export const withoutMark = (pattern: string): string => (pattern.startsWith(EXCEPT) ? pattern.slice(EXCEPT.length) : pattern);
