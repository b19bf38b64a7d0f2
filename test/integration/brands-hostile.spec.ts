import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { brandErrors } from '../../src/core/errors/brand.errors.js';
import { CodedError } from '../../src/core/plugin-api/index.js';
import { PictureReader } from '../../src/core/references/picture-reader.js';
import type { FramePlace } from '../../src/core/references/reader/reader-protocol.js';
import { ReaderEnded, ReaderProcess, type ReaderLaunch } from '../../src/core/references/reader-process.js';
import { logoSvg, seededRandom } from '../support/references/logos.js';
import { READER_FROM_SOURCE } from '../support/references/reader-launch.js';

const MISBEHAVING: ReaderLaunch = {
  ...READER_FROM_SOURCE,
  entry: fileURLToPath(new URL('../support/references/misbehaving-reader.ts', import.meta.url)),
};
const options = { keepBackground: false };

/** Where programs are, and how its memory is handed out: nothing of ours, and nothing of the operator's. */
const ENVIRONMENT = JSON.stringify(['MALLOC_ARENA_MAX', 'MALLOC_TRIM_THRESHOLD_', 'PATH']);

describe(PictureReader, () => {
  const opened: PictureReader[] = [];
  const reader = (launch: ReaderLaunch): PictureReader => {
    opened.push(new PictureReader(launch));
    return opened.at(-1)!;
  };
  afterEach(() => opened.splice(0).forEach((one) => one.close()));
  const wish = (launch: ReaderLaunch, text: string): Promise<unknown> => reader(launch).image(Buffer.from(text), options);

  it.each([
    ['crash', MISBEHAVING, /ended the reader \(SIGABRT\)/],
    ['exit', MISBEHAVING, /ended the reader \(code 0\)/],
    ['hang', { ...MISBEHAVING, timeoutMs: 300 }, /took longer than 0.3 s/],
    ['silence', { ...MISBEHAVING, timeoutMs: 300 }, /took longer than 0.3 s/],
    ['swell', { ...MISBEHAVING, memoryLimitBytes: 300 * 1024 * 1024 }, /took more than 315 MB of memory/],
  ])('outlives a reader that does: %s', async (what, launch, message) => {
    await expect(wish(launch, what)).rejects.toMatchObject({
      code: 'VD_BRAND_IMAGE_UNREADABLE',
      message: expect.stringMatching(message) as string,
    });
  });

  it('goes on with the next picture', async () => {
    const one = reader({ ...MISBEHAVING, timeoutMs: 2_000 });
    const ends = await Promise.allSettled(
      ['crash', 'environment', 'hang', 'environment'].map((text) => one.image(Buffer.from(text), options)),
    );
    expect(ends.map((end) => (end.status === 'rejected' ? (end.reason as Error).message : ''))).toEqual([
      expect.stringContaining('SIGABRT'),
      ENVIRONMENT,
      expect.stringContaining('longer'),
      ENVIRONMENT,
    ]);
  });

  it.each([
    ['environment', ENVIRONMENT],
    ['write', 'ERR_ACCESS_DENIED'],
    ['spawn', 'ERR_ACCESS_DENIED'],
  ])('gives its reader no %s', async (what, message) => {
    await expect(wish(MISBEHAVING, what)).rejects.toMatchObject({ message });
  });

  it('says that its reader does not start', async () => {
    const missing = { ...READER_FROM_SOURCE, entry: fileURLToPath(new URL('../support/references/none.ts', import.meta.url)) };
    await expect(wish(missing, 'x')).rejects.toMatchObject({ code: 'VD_PICTURE_READER_DOWN', retryable: true });
  });

  it('turns pictures away when too many are waiting', async () => {
    const one = reader({ ...MISBEHAVING, timeoutMs: 2_000 });
    const all = Array.from({ length: 20 }, () => one.image(Buffer.from('silence'), options).catch((error: CodedError) => error.code));
    const first = await Promise.race(all);
    expect(first).toBe('VD_PICTURE_BUSY');
    one.close();
    expect((await Promise.all(all)).filter((code) => code === 'VD_PICTURE_READER_DOWN')).toHaveLength(16);
  });

  it('reads no media for frames that wait or are turned away', async () => {
    const one = reader({ ...MISBEHAVING, timeoutMs: 300 });
    let read = 0;
    const place = async (): Promise<FramePlace> => {
      read++;
      return { segment: Buffer.from('silence'), ptsStartUs: 0, ptsUs: 0 };
    };
    const all = Array.from({ length: 80 }, () => one.frame(place).catch((error: CodedError) => error.code));
    expect(await Promise.race(all)).toBe('VD_PICTURE_BUSY');
    expect(read).toBeLessThanOrEqual(1);
    one.close();
    await Promise.all(all);
  });
});

/** Each is read in the real reader; a process is lost only where a picture ends it, and then replaced. */
describe('mutated pictures', () => {
  const EACH = 250;
  let process: ReaderProcess;
  const seeds: Record<string, Buffer> = {};
  beforeAll(async () => {
    process = await ReaderProcess.start({ ...READER_FROM_SOURCE, timeoutMs: 20_000 });
    const png = sharp(Buffer.from(logoSvg(400, { background: '#ffffff' })));
    seeds['png'] = await png.clone().png({ compressionLevel: 0 }).toBuffer();
    seeds['jpeg'] = await png.clone().jpeg().toBuffer();
    seeds['webp'] = await png.clone().webp().toBuffer();
    seeds['svg'] = Buffer.from(logoSvg(400));
  });
  afterAll(() => process.kill());

  it.each(['png', 'jpeg', 'webp', 'svg'])(`end in an image or a coded refusal: ${EACH} of %s`, async (format) => {
    const random = seededRandom(format.length * 1_000 + format.charCodeAt(0));
    const codes = new Map<string, number>();
    const lost: string[] = [];
    for (let i = 0; i < EACH; i++) {
      const changed = mutated(seeds[format]!, random, format === 'svg');
      // With its checksums put right, what is wrong gets past the first door.
      const bytes = format === 'png' && i % 2 === 0 ? withChecksums(changed) : changed;
      const code = await process.ask({ type: 'image', bytes, keepBackground: i % 2 === 0 }).then(
        (image) => (image.widthPx > 0 && image.widthPx <= 512 && image.heightPx <= 512 && image.png.length > 0 ? 'read' : 'odd'),
        (error: unknown) => (error instanceof CodedError && error.code in brandErrors ? error.code : `${String(error)}`),
      );
      codes.set(code, (codes.get(code) ?? 0) + 1);
      if (process.isUsable) continue;
      lost.push(`${format} ${i}: ${code}`);
      process = await ReaderProcess.start(READER_FROM_SOURCE);
    }
    expect(lost).toEqual([]);
    expect([...codes.keys()].filter((code) => code !== 'read' && !/^VD_BRAND_IMAGE_/.test(code))).toEqual([]);
    // Else the mutations were all harmless, or all fatal, and nothing was tried.
    expect(codes.get('read') ?? 0).toBeLessThan(EACH);
    expect(codes.get('VD_BRAND_IMAGE_UNREADABLE') ?? 0).toBeGreaterThan(EACH / 10);
    expect([...codes.values()].reduce((sum, count) => sum + count, 0)).toBe(EACH);
  });

  it.each([
    [
      'a million copies',
      `<defs>${Array.from(
        { length: 7 },
        (_, i) => `<g id="a${i}">${i === 0 ? '<rect width="9" ' + 'height="9"/>' : `<use href="#a${i - 1}"/>`.repeat(10)}</g>`,
      ).join('')}</defs><use href="#a6"/>`,
    ],
    [
      'a huge blur',
      '<filter id="f" x="-1e6" y="-1e6" width="1e9" height="1e9"><feGaussianBlur stdDeviation="1e5"/></filter><g ' +
        'filter="url(#f)"><rect width="50" height="50"/></g>',
    ],
    ['itself', '<g id="a"><use href="#a"/></g><use href="#a"/>'],
    ['depth', `${'<g>'.repeat(50_000)}${'</g>'.repeat(50_000)}`],
  ])('of %s end in time', async (_, content) => {
    const bytes = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">${content}</svg>`);
    const end = await new PictureReader({ ...READER_FROM_SOURCE, timeoutMs: 4_000 }).image(bytes, options).then(
      () => 'read',
      (error: unknown) => (error as CodedError).code,
    );
    expect(end).toMatch(/^(read|VD_BRAND_IMAGE_(UNREADABLE|NO_CONTRAST))$/);
  });

  it('still read a whole one afterwards', async () => {
    const image = await process.ask({ type: 'image', bytes: seeds['png']!, keepBackground: false });
    expect([image.mediaType, image.hasAlpha, image.backgroundRemoved]).toEqual(['image/png', true, true]);
    expect(process).toBeInstanceOf(ReaderProcess);
    process.kill();
    await expect(process.ask({ type: 'image', bytes: seeds['png']!, keepBackground: false })).rejects.toBeInstanceOf(ReaderEnded);
  });
});

function withChecksums(png: Buffer): Buffer {
  const mended = Buffer.from(png);
  for (let at = 8; at + 12 <= mended.length;) {
    const end = at + 8 + mended.readUInt32BE(at);
    if (end + 4 > mended.length) break;
    mended.writeUInt32BE(crc32(mended.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return mended;
}

const TOKENS = [
  '<svg',
  '/>',
  '<rect x="1e9" width="1e9" height="1"/>',
  '<g filter="url(#f)">',
  'viewBox="0 0 0 0"',
  'width="1e30"',
  'width="-1"',
  '<use href="#a"/>',
  '<g id="a"><use href="#a"/></g>',
  '<!ENTITY a "b">',
  '&a;',
  '<script>',
  'xlink:href="file:///x"',
  '<image href="data:image/png;base64,AAAA" width="9" height="9"/>',
  '<text font-size="1e6">x</text>',
  'transform="scale(1e-20)"',
  '\u0000',
  ']]>',
  '<?xml version="1.0"?>',
  '<![CDATA[',
];

/** One to three changes: bits, bytes, lengths, pieces left out, doubled or swapped, and for text, words that matter. */
function mutated(seed: Buffer, random: () => number, isText: boolean): Buffer {
  let bytes = Buffer.from(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const changes = 1 + below(3);
  for (let i = 0; i < changes && bytes.length > 0; i++) {
    const at = below(bytes.length);
    const upTo = Math.min(bytes.length, at + 1 + below(64));
    const kind = below(isText ? 8 : 6);
    if (kind === 0) bytes[at]! ^= 1 << below(8);
    else if (kind === 1) bytes[at] = [0, 0xff, 0x7f, 0x80][below(4)]!;
    else if (kind === 2 && at + 4 <= bytes.length) bytes.writeUInt32BE([0, 1, 0x7fffffff, 0xffffffff, 65_536][below(5)]!, at);
    else if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(upTo)]);
    else if (kind === 4) bytes = Buffer.concat([bytes.subarray(0, upTo), bytes.subarray(at)]);
    else if (kind === 5) bytes = random() < 0.3 ? Buffer.from(bytes.subarray(0, at)) : bytes;
    else bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(TOKENS[below(TOKENS.length)]!), bytes.subarray(at)]);
  }
  return bytes;
}
