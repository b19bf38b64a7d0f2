import { PersistenceModule } from '../../../src/core/persistence/persistence.module.js';
import { EventReads } from '../../../src/core/persistence/read/event-reads.js';
import { PlaylistReads } from '../../../src/core/persistence/read/playlist-reads.js';
import { RangeReads } from '../../../src/core/persistence/read/range-reads.js';
import { ReadModule } from '../../../src/core/persistence/read/read.module.js';
import { median } from '../quantiles.js';
import { machine } from '../scale/machine.js';
import { openSide } from '../scale/side.js';
import { Stack } from '../scale/stack.js';
import { writeRecording, type Recording } from './written-recording.js';

/** An epoch of a thousand segments, and a thousand of these. */
const SHORT = { epochs: 1, segments: 1_000 };
const LONG = { epochs: 1_000, segments: 1_000 };
const WINDOW = 6;
const ROUNDS = 200;
const TARGET = 1.25;

/** What a question about each recording costs, in turns within one run. */
async function compare(
  title: string,
  ask: (recording: Recording, n: number) => Promise<unknown>,
  short: Recording,
  long: Recording,
): Promise<string> {
  const took = { short: [] as number[], long: [] as number[] };
  const measure = async (to: number[], recording: Recording, n: number): Promise<void> => {
    const beganMs = performance.now();
    await ask(recording, n);
    to.push(performance.now() - beganMs);
  };
  for (let n = 0; n < 10; n++) for (const recording of [short, long]) await ask(recording, n);
  for (let n = 0; n < ROUNDS; n++) {
    // Which of them is first changes from round to round.
    const sides = [
      [took.short, short],
      [took.long, long],
    ] as const;
    for (const [to, recording] of n % 2 === 0 ? sides : sides.toReversed()) await measure(to, recording, n);
  }
  const ratio = median(took.long.map((ms, n) => ms / took.short[n]!));
  return `playlist  ${ratio.toFixed(2)} (target ≤ ${TARGET})  ${median(took.long).toFixed(2)} ÷ ${median(took.short).toFixed(2)} ms  ${title}`;
}

const stack = await Stack.start(['postgres']);
try {
  console.log(await machine(stack));
  const ground = await stack.fresh('postgres');
  const app = await openSide({ ...ground, concurrency: 1 }, [PersistenceModule, ReadModule]);
  try {
    const endMs = Math.floor(Date.now() / 1000) * 1000;
    const [short, long] = [await writeRecording(ground, 'short', SHORT, endMs), await writeRecording(ground, 'long', LONG, endMs)];
    await ground.rows('VACUUM ANALYZE');
    const [playlists, ranges, events] = [app.get(PlaylistReads), app.get(RangeReads), app.get(EventReads)];
    const beganMs = performance.now();
    await playlists.liveWindow(long.streamId, WINDOW);
    const firstMs = performance.now() - beganMs;
    const sizes = `${LONG.epochs} epochs and ${(LONG.epochs * LONG.segments).toLocaleString('en')} segments ÷ ${SHORT.epochs} and ${SHORT.segments.toLocaleString('en')}`;
    const lately = (n: number): number => endMs - 600_000 - (n % 20) * 30_000;
    for (const line of [
      await compare(`A poll of the live playlist: ${sizes}`, ({ streamId }) => playlists.liveWindow(streamId, WINDOW), short, long),
      await compare(
        'Its events',
        ({ streamId }) => events.touching({ streamId, fromMs: endMs - 12_000, toMs: endMs + 86_400_000, most: 100 }),
        short,
        long,
      ),
      await compare(
        'A range of 5 min within the last 20',
        ({ streamId }, n) => ranges.media({ streamId, fromMs: lately(n), toMs: lately(n) + 300_000 }),
        short,
        long,
      ),
    ])
      console.log(line);
    const [wideMs, oldMs] = [
      await once(() => ranges.media({ ...long, fromMs: endMs - 86_400_000, toMs: endMs })),
      await once(() => ranges.media({ ...long, fromMs: long.fromMs + 1_000_000, toMs: long.fromMs + 1_300_000 })),
    ];
    console.log(
      `          first playlist ever of the long one ${firstMs.toFixed(0)} ms; a range of 24 h ${wideMs.toFixed(0)} ms; 5 min of its beginning ${oldMs.toFixed(1)} ms`,
    );
  } finally {
    await app.close();
    await ground.clear();
  }
} finally {
  await stack.stop();
}

async function once(ask: () => Promise<unknown>): Promise<number> {
  await ask();
  const beganMs = performance.now();
  await ask();
  return performance.now() - beganMs;
}
