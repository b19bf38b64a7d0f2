/** A name the server takes, from a title a person typed. */
export function nameFromTitle(title: string): string {
  return title
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
}

export const STREAM_NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;
