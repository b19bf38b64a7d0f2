import type { ObservationWire } from '../../api/models';

/** A dominant colour and the share of the picture it covers, 0..1. */
export interface Swatch {
  readonly css: string;
  readonly share: number;
}

const HEX = /^#[0-9a-f]{6}$/i;

/** Dominant colours of an observation (`data.colours: [{ hex, share }]`); null when it speaks of something else. */
export function paletteOf(observation: ObservationWire): readonly Swatch[] | null {
  const colours = observation.data['colours'];
  if (!Array.isArray(colours)) return null;
  const swatches = colours.flatMap((colour: unknown): Swatch[] => {
    if (typeof colour !== 'object' || colour === null) return [];
    const { hex, share } = colour as { hex?: unknown; share?: unknown };
    return typeof hex === 'string' && HEX.test(hex) && typeof share === 'number' && share > 0 ? [{ css: hex, share }] : [];
  });
  return swatches.length === 0 ? null : swatches;
}
