import type { ObservationWire } from '../../api/models';

/** A dominant colour and the share of the picture it covers, 0..1. */
export interface Swatch {
  readonly css: string;
  readonly share: number;
}

const HEX = /^#[0-9a-f]{6}$/i;

/** Dominant colours of an observation (`data.colors: [{ hex, share }]`); null when it speaks of something else. */
export function paletteOf(observation: ObservationWire): readonly Swatch[] | null {
  const colors = observation.data['colors'] ?? observation.data['colours'] ?? observation.data['dominantColors'] ?? observation.data['dominantColours'];
  if (!Array.isArray(colors)) return null;
  const swatches = colors.flatMap((color: unknown): Swatch[] => {
    if (typeof color !== 'object' || color === null) return [];
    const { hex, share } = color as { hex?: unknown; share?: unknown };
    return typeof hex === 'string' && HEX.test(hex) && typeof share === 'number' && share > 0 ? [{ css: hex, share }] : [];
  });
  return swatches.length === 0 ? null : swatches;
}
