import sharp from 'sharp';

export interface LineStyle {
  readonly font: string;
  /** Height of the font's line, about. */
  readonly sizePx: number;
  readonly ink: string;
  /** Behind the text; null for none, and then a soft shadow. */
  readonly plate: string | null;
  readonly turnedDegrees: number;
}

export interface DrawnLine {
  readonly png: Buffer;
  readonly widthPx: number;
  readonly heightPx: number;
}

const PAD_PX = 8;

/** A line of text as a picture with transparency. */
export async function drawLine(text: string, { font, sizePx, ink, plate, turnedDegrees }: LineStyle): Promise<DrawnLine> {
  const letters = (colour: string) =>
    sharp({ text: { text: `<span foreground="${colour}">${text}</span>`, font: `${font} 12`, rgba: true, dpi: sizePx * 6 } })
      .png()
      .toBuffer({
        resolveWithObject: true,
      });
  const { data, info } = await letters(ink);
  const [width, height] = [info.width + 2 * PAD_PX, info.height + 2 * PAD_PX];
  const shadow = { input: (await letters(ink === '#ffffff' ? '#000000' : '#ffffff')).data, left: PAD_PX + 1, top: PAD_PX + 1 };
  const canvas = sharp({ create: { width, height, channels: 4, background: plate ?? '#00000000' } });
  const layers = [...(plate === null ? [shadow] : []), { input: data, left: PAD_PX, top: PAD_PX }];
  const level = await canvas.composite(layers).png().toBuffer();
  const turned = await sharp(level).rotate(turnedDegrees, { background: '#00000000' }).png().toBuffer({ resolveWithObject: true });
  return { png: turned.data, widthPx: turned.info.width, heightPx: turned.info.height };
}
