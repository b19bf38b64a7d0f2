import assert from 'node:assert/strict';
import { flawOfEmitted, type AnalysisResult, type JsonValue } from '../plugin-api/index.js';
import { type AnalyzerSession, type AnalyzerSessions, endOf, type Shown, streamNamed } from './analyzer-sessions.js';
import { assertEventsPair } from './event-pairs.js';
import type { TestRunner } from './test-runner.js';

/** A late frame, a shutter, an outage, a night: what ends at one of them ends at all. */
const GAPS = { '1 s': 1_000_000, '12 s': 12_000_000, '10 min': 600_000_000, '1 h': 3_600_000_000 } as const;
/** Media does not come back on a whole second. */
const OFF_THE_GRID_US = 137_000;

/** What an analyzer said before a gap, at it, and after it. */
interface Said {
  readonly before: readonly AnalysisResult[];
  readonly atGap: readonly AnalysisResult[];
  readonly after: readonly AnalysisResult[];
}

/** However long media is missing, an analyzer ends what was open where it was last seen, and goes on with the first media after it. */
export function describeGaps(it: TestRunner['it'], sessions: AnalyzerSessions, shown: Shown, isStateful: boolean): void {
  for (const [length, lengthUs] of Object.entries(GAPS)) {
    it(`ends at a gap of ${length} what was open, and goes on behind it`, async () => {
      const fromUs = endOf(shown);
      const toUs = fromUs + lengthUs + OFF_THE_GRID_US;
      const said = await across(sessions, shown, { fromUs, toUs, isStateful, isMoved: false });
      assertSound(said, fromUs, toUs, isStateful);
      if (isStateful)
        assert.deepEqual(
          await across(sessions, shown, { fromUs, toUs, isStateful, isMoved: true }),
          said,
          'elsewhere, from its checkpoint',
        );
    });
  }
}

async function across(
  sessions: AnalyzerSessions,
  shown: Shown,
  { fromUs, toUs, isStateful, isMoved }: { fromUs: number; toUs: number; isStateful: boolean; isMoved: boolean },
): Promise<Said> {
  const stream = streamNamed('a');
  const [before, atGap, after]: [AnalysisResult[], AnalysisResult[], AnalysisResult[]] = [[], [], []];
  const goOn = async (session: AnalyzerSession): Promise<void> => {
    if (isStateful) await session.analyzer.gap?.(fromUs, toUs, (result) => void atGap.push(result), stream);
    await session.segment(stream, [later(shown, toUs)], 6, after);
    await session.close(stream, after);
  };
  let checkpoint: JsonValue = null;
  await sessions.use(async (session) => {
    await session.open(stream);
    await session.segment(stream, [shown], 0, before);
    checkpoint = JSON.parse(JSON.stringify(session.analyzer.checkpoint?.(stream) ?? null)) as JsonValue;
    if (!isMoved) await goOn(session);
  });
  if (isMoved)
    await sessions.use(async (session) => {
      await session.open(stream, checkpoint ?? undefined);
      await goOn(session);
    });
  return { before, atGap, after };
}

function assertSound({ before, atGap, after }: Said, fromUs: number, toUs: number, isStateful: boolean): void {
  const span = { startUs: toUs, endUs: toUs + fromUs, goesOn: isStateful };
  for (const result of [...atGap, ...after]) assert.equal(flawOfEmitted(result, span), undefined, JSON.stringify(result));
  for (const result of atGap) assert.ok(result.ptsUs <= fromUs, `at the gap it speaks of time in it: ${JSON.stringify(result)}`);
  for (const result of after) assert.ok(result.ptsUs >= toUs, `behind the gap it speaks of time before it: ${JSON.stringify(result)}`);
  const open = assertEventsPair([...before, ...atGap]);
  assert.deepEqual([...open], [], 'events that it leaves open at the gap');
  assertEventsPair([...before, ...atGap, ...after]);
}

const later = ({ blocks, frames }: Shown, byUs: number): Shown => ({
  blocks: blocks.map((block) => ({ ...block, ptsUs: block.ptsUs + byUs })),
  frames: frames.map((frame) => ({ ...frame, ptsUs: frame.ptsUs + byUs })),
});
