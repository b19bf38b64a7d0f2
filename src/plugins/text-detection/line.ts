import type { Box01, JsonObject, PtsUs } from 'vedette/plugin';
import type { Look } from './look.js';
import type { TurnedRect } from './quad.js';

/** A watched word that a line shows. */
export interface Watched {
  readonly phrase: string;
  readonly key: string;
}

/** A line of text that is followed. */
export interface Line {
  readonly trackId: string;
  rect: TurnedRect;
  box: Box01;
  /** What it looked like when it was last read, and where that was. */
  look: Look;
  lookedAt: TurnedRect;
  /** Key of its event; null while nothing legible was read. */
  key: string | null;
  text: string;
  /** False where the last reading gave nothing: what stands there is no text, or none that can be read. */
  isLegible: boolean;
  score: number;
  /** When it was first not found, or not legible, since it last was; null while it is. */
  missedUs: PtsUs | null;
  watched: readonly Watched[];
}

export function lineToJson({ look, rect, lookedAt, box, watched, ...rest }: Line): JsonObject {
  return {
    ...rest,
    box: { x: box.x, y: box.y, width: box.width, height: box.height },
    rect: rectToJson(rect),
    lookedAt: rectToJson(lookedAt),
    look: { columns: look.columns, luma: Buffer.from(look.luma).toString('base64') },
    watched: watched.map((word) => ({ ...word })),
  };
}

export function lineFromJson(json: JsonObject): Line {
  const { look, ...rest } = json as unknown as Omit<Line, 'look'> & { readonly look: { readonly columns: number; readonly luma: string } };
  return { ...rest, look: { columns: look.columns, luma: new Uint8Array(Buffer.from(look.luma, 'base64')) } };
}

const rectToJson = ({ centre, along, halfLength, halfHeight }: TurnedRect): JsonObject => ({
  centre: { ...centre },
  along: { ...along },
  halfLength,
  halfHeight,
});
