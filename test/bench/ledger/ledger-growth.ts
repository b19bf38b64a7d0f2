import { LedgerArchiver } from '../../../src/core/persistence/archive/ledger-archiver.js';
import { PersistenceModule } from '../../../src/core/persistence/persistence.module.js';
import { machine } from '../scale/machine.js';
import { openSide } from '../scale/side.js';
import { Stack } from '../scale/stack.js';
import { record, type RecordedSegment } from './recording.js';
import { indexSizes, tableSizes, type TableSize, walBytes } from './table-sizes.js';
import { writeHour } from './written-hour.js';

const HOUR_MS = 3_600_000;
/** Long enough ago for all of it to be packed at once, once the runs say so as well. */
const AGO_MS = 30 * HOUR_MS;
const TARGET_MB = 8;
/** A row of the feed is kept for a day, whatever is recorded: it is no growth. */
const PASSING = new Set(['feed', 'lanes', 'analyzer_checkpoints', 'streams', 'epochs', 'instances', 'vedette_migrations']);

const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;

/** What an hour of one stream takes of the database's disk: as rows, when it has been written, and when it has been packed. */
async function measure(stack: Stack, scene: string, recorded: readonly RecordedSegment[]): Promise<string[]> {
  const ground = await stack.fresh('postgres');
  const app = await openSide({ ...ground, concurrency: 3 }, [PersistenceModule]);
  try {
    const before = await walBytes(ground);
    await writeHour(app, recorded, Date.now() - AGO_MS);
    const writtenWal = (await walBytes(ground)) - before;
    const rows = await tableSizes(ground);
    const indexes = await indexSizes(ground);
    await ground.rows(
      `UPDATE analysis_runs SET created_at = created_at - interval '30 hours', finished_at = finished_at - interval '30 hours'`,
    );
    const packedFrom = await walBytes(ground);
    const beganMs = performance.now();
    const packing = await app.get(LedgerArchiver, { strict: false }).pack();
    const tookMs = performance.now() - beganMs;
    const packedWal = (await walBytes(ground)) - packedFrom;
    const packed = await tableSizes(ground);
    const asRows = growth(rows);
    const asBlocks = growth(packed.filter(({ name }) => !EMPTIED.has(name)));
    return [
      `ledger  ${scene}: ${mb(asBlocks)} a stream-hour (target ≤ ${TARGET_MB} MB), as rows ${mb(asRows)} (${(asRows / asBlocks).toFixed(1)} times as much)`,
      `        rows: ${rows
        .filter(({ name }) => !PASSING.has(name))
        .map(tableText)
        .join('; ')}`,
      `        their indexes: ${indexes.map(({ name, bytes }) => `${name} ${mb(bytes)}`).join(', ')}`,
      `        packed: ${packed
        .filter(({ name }) => !PASSING.has(name) && !EMPTIED.has(name))
        .map(tableText)
        .join('; ')}`,
      `        of the feed, kept for a day: ${mb(rows.find(({ name }) => name === 'feed')?.totalBytes ?? 0)} an hour; WAL ${mb(writtenWal)} to write, ${mb(packedWal)} to pack`,
      `        packing: ${packing.rows} rows into ${packing.blocks} blocks in ${(tookMs / 1000).toFixed(1)} s, ${((tookMs / 1000 / asRows) * 1e9).toFixed(0)} s for each GB of rows, half of it pauses`,
    ];
  } finally {
    await app.close();
    await ground.clear();
  }
}

/** Their rows are gone; what is left of their files is used again, and given back when the day is over. */
const EMPTIED = new Set(['detections', 'metrics', 'observations', 'analysis_runs']);

const growth = (tables: readonly TableSize[]): number =>
  tables.filter(({ name }) => !PASSING.has(name)).reduce((sum, { totalBytes }) => sum + totalBytes, 0);

const tableText = ({ name, rows, heapBytes, toastBytes, indexBytes, totalBytes }: TableSize): string =>
  `${name} ${mb(totalBytes)} (${rows} rows, heap ${mb(heapBytes)}, TOAST ${mb(toastBytes)}, indexes ${mb(indexBytes)})`;

const recorded = await record();
const stack = await Stack.start(['postgres']);
try {
  console.log(await machine(stack));
  for (const [scene, segments] of recorded) for (const line of await measure(stack, scene, segments)) console.log(line);
} finally {
  await stack.stop();
}
