/** A moment as an address has it: ISO 8601, or milliseconds since 1970. @returns ms since 1970; null for anything else */
export function parseMoment(text: string | undefined): number | null {
  if (text === undefined || text === '') return null;
  const ms = /^\d{12,14}$/.test(text) ? Number(text) : /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : NaN;
  return Number.isFinite(ms) ? ms : null;
}

export const momentText = (atMs: number): string => new Date(Math.round(atMs)).toISOString();
