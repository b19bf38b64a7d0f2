import type { BoxWire } from '../../api/models';

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where the picture lies inside its element under `object-fit: contain`, in the element's own units. */
export function containRect(elementWidth: number, elementHeight: number, pictureWidth: number, pictureHeight: number): Rect {
  if (elementWidth <= 0 || elementHeight <= 0 || pictureWidth <= 0 || pictureHeight <= 0) return { x: 0, y: 0, width: 0, height: 0 };
  const scale = Math.min(elementWidth / pictureWidth, elementHeight / pictureHeight);
  const width = pictureWidth * scale;
  const height = pictureHeight * scale;
  return { x: (elementWidth - width) / 2, y: (elementHeight - height) / 2, width, height };
}

/** A box of the picture, put on the element. */
export function placeBox(box: BoxWire, picture: Rect): Rect {
  return {
    x: picture.x + box.x * picture.width,
    y: picture.y + box.y * picture.height,
    width: box.width * picture.width,
    height: box.height * picture.height,
  };
}

/** Above its box when there is room, else inside at the top; always within the picture. */
export function placeLabel(box: Rect, labelWidth: number, labelHeight: number, picture: Rect): { x: number; y: number } {
  const above = box.y - labelHeight;
  const y = above >= picture.y ? above : Math.min(box.y, picture.y + picture.height - labelHeight);
  const x = Math.max(picture.x, Math.min(box.x, picture.x + picture.width - labelWidth));
  return { x, y };
}

/** Hues around the lamp's lime stay free: that colour means "live" and "this frame". */
const LIME_FROM = 95;
const LIME_WIDTH = 45;

/** The same label has the same colour on every page and every day. */
export function labelColour(label: string): string {
  let hash = 2166136261;
  for (let i = 0; i < label.length; i++) hash = Math.imul(hash ^ label.charCodeAt(i), 16777619);
  // The last bits of the sum alone would give near hues to near words.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
  const hue = hash % (360 - LIME_WIDTH);
  return `oklch(0.83 0.115 ${hue < LIME_FROM ? hue : hue + LIME_WIDTH})`;
}
