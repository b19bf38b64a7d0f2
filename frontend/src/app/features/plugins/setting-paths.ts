import type { ContributionWire } from '../../api/models';

const KINDS = { analyzer: 'analyzers', source: 'sources', strategy: 'strategies' } as const;
/** `.key`, `["a key"]`, `[3]`, or a key at the beginning. */
const STEP = /\.?([A-Za-z_][\w-]*)|\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]/y;

/** The steps of a path as the server writes it: `analyzers["a.b"].config.fps`. */
export function stepsOf(path: string): string[] {
  const steps: string[] = [];
  STEP.lastIndex = 0;
  for (let match = STEP.exec(path); match !== null; match = STEP.exec(path)) steps.push(match[1] ?? match[2] ?? match[3] ?? '');
  return steps;
}

/** Where among the options of this contribution a path of the settings leads; null: elsewhere. */
export function pathIn({ kind, id }: Pick<ContributionWire, 'kind' | 'id'>, path: string): string[] | null {
  const head = kind === 'analyzer' ? [KINDS[kind], id, 'config'] : [KINDS[kind], id];
  const steps = stepsOf(path);
  return steps.length > head.length && head.every((step, i) => step === steps[i]) ? steps.slice(head.length) : null;
}
