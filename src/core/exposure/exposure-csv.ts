import { csvOf } from './csv.js';
import type { Appearance, BrandExposure } from './exposure-meter.js';
import type { ExposureFigures } from './exposure-sum.js';

/** One table of the export: a name per column, a row per brand or appearance. */
interface Column<Row> {
  readonly name: string;
  readonly value: (row: Row) => string | number;
}

const GRID = ['top_left', 'top', 'top_right', 'left', 'centre', 'right', 'bottom_left', 'bottom', 'bottom_right'];

const figures = <Row extends ExposureFigures>(): Column<Row>[] => [
  { name: 'visible_s', value: (row) => row.visibleSeconds },
  { name: 'mean_share', value: (row) => row.meanShare },
  { name: 'peak_share', value: (row) => row.peakShare },
  { name: 'mean_clarity', value: (row) => row.meanClarity },
  { name: 'mean_score', value: (row) => row.meanScore },
  { name: 'mean_instances', value: (row) => row.meanInstances },
  { name: 'mean_other_brands', value: (row) => row.meanOthers },
  { name: 'alone_s', value: (row) => row.aloneSeconds },
  { name: 'size_factor', value: (row) => row.factors.size },
  { name: 'position_factor', value: (row) => row.factors.position },
  { name: 'exclusivity_factor', value: (row) => row.factors.exclusivity },
  { name: 'weighted_s', value: (row) => row.weightedSeconds },
  ...GRID.map((place, cell): Column<Row> => ({ name: `${place}_s`, value: (row) => row.gridSeconds[cell] ?? 0 })),
];

export type GroupedBrand = BrandExposure & { readonly group: string };

const brandColumns: Column<BrandExposure>[] = [
  { name: 'brand', value: (row) => row.label },
  { name: 'brand_id', value: (row) => row.subjectId },
  { name: 'appearances', value: (row) => row.appearances },
  { name: 'share_of_voice', value: (row) => row.shareOfVoice },
  { name: 'weighted_share_of_voice', value: (row) => row.weightedShareOfVoice },
  ...figures<BrandExposure>(),
];

const iso = (ms: number): string => new Date(ms).toISOString();
const appearanceColumns: Column<Appearance>[] = [
  { name: 'brand', value: (row) => row.label },
  { name: 'brand_id', value: (row) => row.subjectId },
  { name: 'start', value: (row) => iso(row.startAtMs) },
  { name: 'end', value: (row) => iso(row.endAtMs) },
  { name: 'epoch_id', value: (row) => row.epochId },
  { name: 'start_pts_us', value: (row) => row.startPtsUs },
  { name: 'end_pts_us', value: (row) => row.endPtsUs },
  ...figures<Appearance>(),
];

/** Of which stream a row is, where there are several. */
interface OfStream {
  readonly streamId: string;
  readonly streamName: string;
}
const streamColumns: Column<OfStream>[] = [
  { name: 'stream', value: (row) => row.streamName },
  { name: 'stream_id', value: (row) => row.streamId },
];

export const brandsCsv = (rows: readonly GroupedBrand[]): string =>
  csv<GroupedBrand>([{ name: 'group', value: (row) => row.group }, ...brandColumns], rows);
export const appearancesCsv = (rows: readonly Appearance[]): string => csv(appearanceColumns, rows);
export const streamBrandsCsv = (rows: readonly (BrandExposure & OfStream)[]): string =>
  csv<BrandExposure & OfStream>([...streamColumns, ...brandColumns], rows);
export const streamAppearancesCsv = (rows: readonly (Appearance & OfStream)[]): string =>
  csv<Appearance & OfStream>([...streamColumns, ...appearanceColumns], rows);

const csv = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string =>
  csvOf(
    columns.map(({ name }) => name),
    rows.map((row) => columns.map(({ value }) => value(row))),
  );
