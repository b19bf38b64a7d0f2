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

const brandColumns: Column<GroupedBrand>[] = [
  { name: 'group', value: (row) => row.group },
  { name: 'brand', value: (row) => row.label },
  { name: 'brand_id', value: (row) => row.subjectId },
  { name: 'appearances', value: (row) => row.appearances },
  { name: 'share_of_voice', value: (row) => row.shareOfVoice },
  { name: 'weighted_share_of_voice', value: (row) => row.weightedShareOfVoice },
  ...figures<GroupedBrand>(),
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

/** RFC 4180, UTF-8, a header line first. */
export const brandsCsv = (rows: readonly GroupedBrand[]): string => csv(brandColumns, rows);
export const appearancesCsv = (rows: readonly Appearance[]): string => csv(appearanceColumns, rows);

function csv<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const lines = [columns.map(({ name }) => name), ...rows.map((row) => columns.map(({ value }) => field(value(row))))];
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

/**
 * What a spreadsheet takes for the beginning of a formula: it looks past blanks and invisible characters, and takes wide signs for
 * narrow ones.
 */
const FORMULA = /^(?:[\s\p{Cc}\p{Cf}]*[=+\-@|%\uff0b\uff0d\uff1d\uff20]|[\t\r\n])/u;

/** A name that begins like a formula would be run by the spreadsheet that opens the file: the quote before it makes it text. */
function field(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
