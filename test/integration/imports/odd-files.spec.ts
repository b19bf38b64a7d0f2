import { mkdtemp, readFile, rm, truncate, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileReader } from '../../../src/core/decode/file/file-reader.js';
import { ReadingFile } from '../../../src/core/media/files/reading-file.js';
import { INITIALIZATION_NAME } from '../../../src/core/media/segment-name.js';
import { brightBox } from '../../support/media/bright-box.js';
import { ffmpeg } from '../../support/media/ffmpeg.js';
import { FILE_READER_FROM_SOURCE } from '../../support/media/file-reader-launch.js';
import { ImportScene } from '../support/import-scene.js';
import type { TestIngestNode } from '../support/ingest-node.js';

const SECONDS = 2;
const FPS = 10;
const HOUR_MS = 3_600_000;
/** A bright box in a dark picture of 16:9, as it is to be seen. */
const BOX = { left: 0.5, top: 0.1, right: 0.75, bottom: 0.3 };
const PICTURE = `color=c=0x202020:s=320x180:r=${FPS},drawbox=x=160:y=18:w=80:h=36:color=white:t=fill`;
const picture = (filters = 'format=yuv420p'): string[] => ['-f', 'lavfi', '-i', `${PICTURE},${filters}`];
const SOUND = ['-f', 'lavfi', '-i', 'sine'];
const END = ['-t', String(SECONDS)];
const X264 = ['-c:v', 'libx264', '-g', '10', '-bf', '2'];
const X265 = ['-c:v', 'libx265', '-x265-params', 'log-level=error:keyint=10'];

interface OddFile {
  readonly name: string;
  /** One or more runs of ffmpeg; `in` is what the one before made. */
  readonly made: readonly ((before: string) => string[])[];
  readonly codec?: string;
  readonly pictures?: number;
  readonly size?: string;
  /** Of what is told of it. */
  readonly detail?: string;
}

const copied =
  (...options: string[]) =>
  (before: string) => ['-i', before, '-c', 'copy', ...options];
const FILES: OddFile[] = [
  { name: 'plain.mp4', made: [() => [...picture(), ...SOUND, ...END, ...X264, '-c:a', 'aac']] },
  { name: 'matroska.mkv', made: [() => [...picture(), ...SOUND, ...END, ...X264, '-c:a', 'pcm_s16le']] },
  { name: 'transport.ts', made: [() => [...picture(), ...SOUND, ...END, ...X264, '-c:a', 'aac']] },
  {
    name: 'web.webm',
    made: [() => [...picture(), ...SOUND, ...END, '-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-c:a', 'libopus']],
    codec: 'vp9',
  },
  { name: 'hevc.mov', made: [() => [...picture(), ...END, ...X265, '-tag:v', 'hvc1']], codec: 'hevc' },
  { name: 'hevc-10-bit.mp4', made: [() => [...picture('format=yuv420p10le'), ...END, ...X265]], codec: 'hevc' },
  { name: 'h264-10-bit.mp4', made: [() => [...picture('format=yuv420p10le'), ...END, ...X264]], detail: 'encoded as what browsers show' },
  {
    name: 'variable.mp4',
    made: [() => [...picture(`select='not(mod(n,3))+not(mod(n,5))',format=yuv420p`), '-fps_mode', 'vfr', ...END, ...X264]],
    pictures: 9,
  },
  {
    name: 'phone.mp4',
    made: [
      () => [...picture('transpose=clock,format=yuv420p'), ...SOUND, ...END, ...X264, '-c:a', 'aac'],
      copied('-metadata:s:v', 'rotate=90'),
    ],
    detail: 'turned upright',
  },
  { name: 'anamorphic.mp4', made: [() => [...picture('scale=240:180,setsar=4/3,format=yuv420p'), ...END, ...X264]], size: '240x180' },
  {
    name: 'anamorphic-by-container.mp4',
    made: [() => [...picture('scale=240:180,setsar=1,format=yuv420p'), ...END, ...X264], copied('-aspect', '16:9')],
    detail: 'given square pixels',
  },
  {
    name: 'interlaced.mp4',
    made: [
      () => [
        ...picture('fps=20,tinterlace=interleave_top,format=yuv420p'),
        ...END,
        ...X264,
        '-flags',
        '+ilme+ildct',
        '-x264-params',
        'tff=1',
      ],
    ],
    pictures: 39,
    detail: 'deinterlaced',
  },
  {
    name: 'tape.mpg',
    made: [() => [...picture('fps=25,format=yuv420p'), ...SOUND, ...END, '-c:v', 'mpeg2video', '-c:a', 'mp2']],
    pictures: 25 * SECONDS,
    detail: 'encoded as H.264',
  },
  {
    name: 'camera.avi',
    made: [() => [...picture('format=yuvj422p'), ...SOUND, ...END, '-c:v', 'mjpeg', '-c:a', 'pcm_s16le']],
    detail: 'encoded as H.264',
  },
  {
    name: 'cut.mp4',
    made: [() => [...picture(), ...END, ...X264], (before) => ['-ss', '0.55', '-i', before, '-c', 'copy']],
    pictures: 14,
    detail: 'cut where the file says',
  },
  { name: 'one-picture.mp4', made: [() => [...picture(), '-frames:v', '1', ...X264]], pictures: 1 },
];

let clips: string;
let scene: ImportScene;
let node: TestIngestNode;
beforeAll(async () => {
  clips = await mkdtemp(join(tmpdir(), 'vd-odd-clips-'));
  scene = await ImportScene.start();
  node = await scene.node();
});
afterAll(async () => {
  await scene.stop();
  await rm(clips, { recursive: true, force: true });
});

async function make({ name, made }: Pick<OddFile, 'name' | 'made'>): Promise<string> {
  let before = '';
  for (const [index, options] of made.entries()) {
    const path = join(clips, index === made.length - 1 ? name : `before-${name}`);
    await ffmpeg(...options(before), path);
    before = path;
  }
  return before;
}

describe('an odd file', () => {
  it.each(FILES)('$name comes out upright, every picture of it, boxes where they are seen', async (odd) => {
    const streamId = await scene.makeStream(odd.name.replace(/[^a-z0-9]/g, '-'));
    const done = await scene.ended(await scene.bring(streamId, await make(odd), { recordedAtMs: Date.now() - HOUR_MS }));
    expect(done).toMatchObject({ state: 'done', errorCode: null });
    if (odd.detail === undefined) expect(done.detail).toBeNull();
    else expect(done.detail).toContain(odd.detail);
    const [epoch] = await scene.epochs(streamId);
    const size = `${epoch!.width_px}x${epoch!.height_px}`;
    expect([epoch!.video_codec, size]).toEqual([odd.codec ?? 'h264', odd.codec === 'vp9' ? 'nullxnull' : (odd.size ?? '320x180')]);
    expect(await scene.frames(streamId)).toMatchObject({ video: odd.pictures ?? SECONDS * FPS, gaps: 0 });
    const path = join(node.mediaDir, (await scene.firstSegment(streamId)).path);
    const box = await brightBox(path, path.endsWith('.m4s') ? join(dirname(path), INITIALIZATION_NAME) : undefined);
    expect(box.aspect).toBeCloseTo(16 / 9, 1);
    for (const side of ['left', 'top', 'right', 'bottom'] as const) expect(Math.abs(box[side] - BOX[side]), side).toBeLessThan(0.02);
  });

  it('with a broken tail is imported up to there, and says so', async () => {
    const whole = await make({
      name: 'tail.mp4',
      made: [() => ['-f', 'lavfi', '-i', `testsrc2=r=${FPS},format=yuv420p`, '-t', '8', ...X264, '-movflags', '+faststart']],
    });
    await truncate(whole, Math.floor((await stat(whole)).size / 2));
    const streamId = await scene.makeStream('tail');
    const done = await scene.ended(await scene.bring(streamId, whole));
    expect(done).toMatchObject({ state: 'done', detail: expect.stringMatching(/says that it has 8\.0 s, and ends \d\.\d s before that/) });
    const { video } = await scene.frames(streamId);
    expect(video).toBeGreaterThan(5);
    expect(video).toBeLessThan(80);
  });

  it('that claims to last for ever is imported as long as it is', async () => {
    const path = await make({ name: 'huge.mp4', made: [() => [...picture(), ...END, ...X264]] });
    const bytes = await readFile(path);
    // The durations of the movie and of its track.
    for (const [box, at] of [
      ['mvhd', 20],
      ['tkhd', 24],
      ['mdhd', 20],
    ] as const)
      bytes.writeUInt32BE(0xffff_fff0, bytes.indexOf(box) + at);
    await writeFile(path, bytes);
    const streamId = await scene.makeStream('huge');
    const done = await scene.ended(await scene.bring(streamId, path, { recordedAtMs: Date.now() - HOUR_MS }));
    expect(done).toMatchObject({ state: 'done' });
    expect(await scene.frames(streamId)).toMatchObject({ video: SECONDS * FPS, gaps: 0 });
  });

  it('that cannot be used fails with the reason, and the next one is imported', async () => {
    const streamId = await scene.makeStream('bad');
    const text = join(clips, 'notes.mp4');
    await writeFile(text, 'This is no video, whatever its name says.');
    const bad = await scene.bring(streamId, text);
    const good = await scene.bring(streamId, await make(FILES[0]!));
    expect(await scene.ended(bad)).toMatchObject({
      state: 'failed',
      errorCode: 'VD_IMPORT_NOT_MEDIA',
      detail: expect.stringContaining('MP4'),
    });
    expect(await scene.ended(good)).toMatchObject({ state: 'done' });
  });

  it('that is not there any more fails with the reason', async () => {
    const streamId = await scene.makeStream('gone');
    const wanted = { streamId, name: 'gone.mp4', path: join(clips, 'gone.mp4'), sizeBytes: 1, recordedAtMs: null, createdBy: 'test' };
    const { id } = await scene.imports.create(wanted);
    expect(await scene.ended(id)).toMatchObject({ state: 'failed', errorCode: 'VD_IMPORT_FILE_GONE' });
  });

  it('is refused where its time is taken, and placed before what is there where it has none', async () => {
    const streamId = await scene.makeStream('dates');
    const path = await make(FILES[0]!);
    const recordedAtMs = Date.now() - HOUR_MS;
    expect(await scene.ended(await scene.bring(streamId, path, { recordedAtMs }))).toMatchObject({ state: 'done' });
    const again = await scene.ended(await scene.bring(streamId, path, { recordedAtMs: recordedAtMs + 500 - 1000 }));
    expect(again).toMatchObject({ state: 'failed', errorCode: 'VD_IMPORT_OVERLAPS' });
    const old = await scene.ended(await scene.bring(streamId, path, { recordedAtMs: Date.now() - 400 * 24 * HOUR_MS }));
    expect(old).toMatchObject({ state: 'failed', errorCode: 'VD_IMPORT_TOO_OLD' });
    for (const id of [await scene.bring(streamId, path), await scene.bring(streamId, path)])
      expect(await scene.ended(id)).toMatchObject({ state: 'done' });
    const epochs = await scene.epochs(streamId);
    expect(epochs).toHaveLength(3);
    for (const [index, epoch] of epochs.entries()) {
      const next = epochs[index + 1];
      if (next !== undefined) expect(epoch.ended_at!.getTime()).toBeLessThanOrEqual(next.started_at.getTime());
    }
  });
});

describe(ReadingFile, () => {
  it('tells of a reader that ends before it has said anything', async () => {
    const entry = join(clips, 'ends-at-once.mjs');
    await writeFile(entry, 'process.exit(3);');
    const opened = ReadingFile.open(join(clips, 'plain.mp4'), { ...FILE_READER_FROM_SOURCE, entry });
    await expect(opened).rejects.toMatchObject({ code: 'VD_IMPORT_READER_FAILED' });
  });

  it('is killed when it says nothing for too long', async () => {
    const entry = join(clips, 'says-nothing.mjs');
    await writeFile(entry, 'setInterval(() => undefined, 1000);');
    const opened = ReadingFile.open(join(clips, 'plain.mp4'), { ...FILE_READER_FROM_SOURCE, entry, silenceMs: 300 });
    await expect(opened).rejects.toMatchObject({ code: 'VD_IMPORT_READER_FAILED', message: expect.stringContaining('nothing for 0.3 s') });
  });
});

describe('a file that is no video', () => {
  const refused = async (name: string, path: string): Promise<string> => {
    try {
      FileReader.open(path).close();
      return `${name} was accepted`;
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      return `${code}: ${message}`;
    }
  };

  it.each<[string, RegExp, (path: string) => Promise<void>]>([
    ['zero bytes', /^VD_IMPORT_NOT_MEDIA: The file is empty/, (path) => writeFile(path, '')],
    ['a picture', /^VD_IMPORT_NOT_MEDIA: .*PNG/, (path) => ffmpeg(...picture(), '-frames:v', '1', '-f', 'image2', '-c:v', 'png', path)],
    ['sound alone', /^VD_IMPORT_NO_VIDEO: .*sound alone/, (path) => ffmpeg(...SOUND, ...END, '-c:a', 'aac', '-f', 'mp4', path)],
    [
      'an MP4 without its index',
      /^VD_IMPORT_UNREADABLE: /,
      async (path) => {
        await ffmpeg(...picture(), ...END, ...X264, '-f', 'mp4', path);
        await truncate(path, 800);
      },
    ],
    [
      'one that says that it is encrypted',
      /^VD_IMPORT_ENCRYPTED: /,
      async (path) => {
        await ffmpeg(...picture(), ...END, ...X264, '-f', 'mp4', path);
        const bytes = await readFile(path);
        bytes.write('encv', bytes.lastIndexOf('avc1'));
        await writeFile(path, bytes);
      },
    ],
    [
      'one without a picture that can be decoded',
      /^VD_IMPORT_CODEC_UNSUPPORTED: /,
      async (path) => {
        await ffmpeg(...picture(), ...END, ...X264, '-f', 'mp4', path);
        const bytes = await readFile(path);
        await writeFile(path, bytes.fill(0xff, bytes.indexOf('mdat') + 4, bytes.lastIndexOf('moov') - 4));
      },
    ],
    [
      'one that is encrypted',
      /^VD_IMPORT_ENCRYPTED: /,
      (path) => {
        const key = '00112233445566778899aabbccddeeff';
        const scheme = ['-encryption_scheme', 'cenc-aes-ctr', '-encryption_key', key, '-encryption_kid', key];
        return ffmpeg(...picture(), ...END, ...X264, ...scheme, '-f', 'mp4', path);
      },
    ],
  ])('is refused in words: %s', async (name, words, write) => {
    const path = join(clips, `refused-${name.replaceAll(' ', '-')}`);
    await write(path);
    expect(await refused(name, path)).toMatch(words);
  });
});
