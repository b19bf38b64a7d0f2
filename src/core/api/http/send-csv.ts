import type { Response } from 'express';

/** RFC 4180, with a first line of names. */
export const CSV_MEDIA_TYPE = 'text/csv; charset=utf-8; header=present';

/** Sends a table as a file to save. @param name of the file, without its ending */
export function sendCsv(response: Response, name: string, text: string): void {
  response.setHeader('Content-Type', CSV_MEDIA_TYPE).setHeader('Content-Disposition', `attachment; filename="${name}.csv"`).end(text);
}
