/** RFC 4180, UTF-8, a header line first. */
export function csvOf(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return `${header.join(',')}\r\n${csvRows(rows)}`;
}

/** More lines of such a file. */
export const csvRows = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');

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
