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

/** Well apart from each other, and from the lamp's lime: that colour means "live" and "this frame". */
const HUES = [20, 200, 330, 70, 255, 175, 295, 45, 225, 355, 150, 275] as const;

/** A label that is a colour is shown in it: "red" in blue would read as a mistake. Light enough for dark text, all of them. */
const NAMED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    red: 'oklch(0.74 0.17 25)',
    orange: 'oklch(0.8 0.15 60)',
    brown: 'oklch(0.72 0.09 55)',
    yellow: 'oklch(0.9 0.16 100)',
    lime: 'oklch(0.88 0.19 125)',
    green: 'oklch(0.84 0.2 145)',
    teal: 'oklch(0.8 0.11 185)',
    cyan: 'oklch(0.87 0.13 200)',
    blue: 'oklch(0.75 0.13 255)',
    purple: 'oklch(0.75 0.15 300)',
    violet: 'oklch(0.75 0.15 290)',
    magenta: 'oklch(0.76 0.2 330)',
    pink: 'oklch(0.84 0.11 350)',
    white: 'oklch(0.97 0 0)',
    grey: 'oklch(0.8 0 0)',
    gray: 'oklch(0.8 0 0)',
    black: 'oklch(0.72 0 0)',
  }),
);

/** A colour per label: a label prefers the same one everywhere, and two labels share one only when there are many. */
export class LabelColours {
  private readonly slots = new Map<string, number>();
  private readonly taken = new Set<number>();

  colourOf(label: string): string {
    const named = NAMED.get(label.toLowerCase());
    if (named !== undefined) return named;
    let slot = this.slots.get(label);
    if (slot === undefined) {
      slot = hashOf(label) % HUES.length;
      if (this.taken.size === HUES.length) this.taken.clear();
      while (this.taken.has(slot)) slot = (slot + 1) % HUES.length;
      this.taken.add(slot);
      this.slots.set(label, slot);
    }
    return `oklch(0.83 0.125 ${HUES[slot]!})`;
  }
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 2166136261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  return hash >>> 0;
}
