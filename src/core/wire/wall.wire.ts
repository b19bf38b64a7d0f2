import { z } from 'zod';
import { eventWire } from './wire.js';

const iso = z.iso.datetime().describe('ISO 8601, UTC');

/** What a wall shows of a stream beside its state and its health. Null is not known, or not there. */
export const wallTileWire = z.object({
  streamId: z.uuid(),
  picture: z
    .object({ url: z.string().describe('The picture at its own width; `&widthPx=` makes it smaller'), at: iso })
    .nullable()
    .describe('The newest whole one'),
  mediaUpTo: iso.nullable().describe('End of the newest segment of the open epoch'),
  analysedUpTo: iso.nullable().describe('All media up to here has been analysed, or was given up'),
  analysisLagMs: z.number().nullable().describe('Age of the oldest segment that is not analysed yet; 0 when none waits'),
  event: eventWire.nullable().describe('The newest'),
  openEvents: z.array(z.string()).describe('Names of what goes on just now; at most 16'),
});
export const wallWire = z.object({ at: iso.describe('The moment of it'), items: z.array(wallTileWire) });

export type WallTileWire = z.output<typeof wallTileWire>;
export type WallWire = z.output<typeof wallWire>;
