const SPECIAL = /["\\]/g;

/**
 * An array as PostgreSQL writes it. The driver makes the same of an array, element by element through all the types it knows, which takes
 * longer for the columns of a segment's results than all else that the process does for them.
 * @example arrayLiteral(['a"b', 1.5, null]) // {"a\"b",1.5,NULL}
 */
export function arrayLiteral(values: readonly (string | number | null)[]): string {
  let text = '{';
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (index > 0) text += ',';
    if (typeof value === 'string') text += `"${value.replace(SPECIAL, '\\$&')}"`;
    else text += value === null ? 'NULL' : value;
  }
  return `${text}}`;
}
