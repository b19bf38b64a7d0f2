import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cruise, type ICruiseOptions, type IFlattenedRuleSet } from 'dependency-cruiser';
import { describe, expect, it } from 'vitest';
import { floorsOf, floorsSvg } from '../../scripts/draw-floors.mjs';
import { ROOT, sources, textOf } from './support/tree.js';

const { forbidden } = createRequire(import.meta.url)(join(ROOT, '.dependency-cruiser.cjs')) as Required<
  Pick<IFlattenedRuleSet, 'forbidden'>
>;
const FIXTURE = 'test/repo/fixtures/floors';

/** What the rules find in a small tree that breaks them; `npm run boundaries` holds the real one. */
async function violations(): Promise<string[]> {
  const options: ICruiseOptions = { ruleSet: { forbidden }, validate: true, baseDir: join(ROOT, FIXTURE), tsPreCompilationDeps: true };
  const { output } = await cruise(['src'], options);
  if (typeof output === 'string') throw new Error(output);
  return output.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
}

describe('the floors of src/core', () => {
  it('let nothing be imported from above or beside, not even a type', async () => {
    expect(await violations()).toEqual(
      expect.arrayContaining([
        'floor-of-errors: src/core/errors/looks-up.ts -> src/core/api/above.ts',
        'floor-of-queue: src/core/queue/looks-aside.ts -> src/core/media/beside.ts',
        'every-folder-has-a-floor: src/core/elsewhere/homeless.ts -> src/core/errors/below.ts',
        'no-cycles: src/core/errors/below.ts -> src/core/errors/circle.ts',
        'one-home-for-child-processes: src/core/media/starts-a-process.ts -> child_process',
      ]),
    );
  });

  it('let everything below be imported', async () => {
    expect((await violations()).filter((line) => line.includes('looks-down'))).toEqual([]);
  });

  it('have a rule for each folder', () => {
    const folders = new Set(sources().flatMap((file) => /^src\/core\/([^/]+)\//.exec(file)?.[1] ?? []));
    const ruled = forbidden.flatMap(({ name }) => /^floor-of-(.*)$/.exec(name ?? '')?.[1] ?? []);
    expect(ruled.toSorted()).toEqual([...folders].toSorted());
  });

  it('are what the picture in the docs shows', () => {
    expect(textOf('docs/floors.svg'), 'run: node scripts/draw-floors.mjs').toBe(floorsSvg(floorsOf(forbidden)));
  });

  it('know no exception', () => {
    expect(textOf('.dependency-cruiser.cjs')).not.toMatch(/viaOnly/);
  });
});
