import { htmlText } from '../../runtime/html-text.js';
import type { DrawnBox } from './reader-protocol.js';

interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

const MOST_LABEL = 60;

/** Boxes and their labels, to be put over a picture of that size. */
export function boxesSvg(boxes: readonly DrawnBox[], { widthPx, heightPx }: Size): string {
  const linePx = Math.max(2, Math.round(heightPx / 270));
  const fontPx = Math.max(12, Math.round(heightPx / 30));
  const drawn = boxes.map(({ box, label, colour }) => {
    const [x, y] = [box.x * widthPx, box.y * heightPx].map((px) => Math.round(px) + linePx / 2) as [number, number];
    const [width, height] = [box.width * widthPx, box.height * heightPx].map((px) => Math.max(1, Math.round(px) - linePx)) as [
      number,
      number,
    ];
    const baseline = Math.max(y - linePx, fontPx);
    const text = htmlText(label.replace(/[\p{Cc}\p{Cs}\p{Cn}]/gu, '').slice(0, MOST_LABEL));
    return (
      `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="none" stroke="${colour}" stroke-width="${linePx}"/>` +
      `<text x="${x}" y="${baseline}" fill="#fff" stroke="#000" stroke-width="${linePx}" paint-order="stroke">${text}</text>`
    );
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}" font-family="sans-serif" font-size="${fontPx}">` +
    `${drawn.join('')}</svg>`
  );
}
