/** What a person reads of a message. */
const MAX_CHARS = 2_000;

/** Messages come from anywhere, other machines too: cut to what a person reads, without what PostgreSQL cannot store. */
export function printable(message: string): string {
  return message.replaceAll('\0', '').toWellFormed().slice(0, MAX_CHARS);
}

/** The same for every text in a value that is stored as JSON. */
export const printableJson = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' ? printable(part) : part));
