// Measures between which values NanoDet's layers move on pictures, for its 8 bits:
//   node scripts/nanodet/calibrate.mjs <nanodet.json> <pictures…>
// Writes scripts/nanodet/ranges.json. Needs a build and ffmpeg. The ranges in git are of pictures of Debian's package opencv-doc.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import ort from 'onnxruntime-node';
import { readGraphModel } from './graph-model.mjs';
import { nanodet, SIGNATURE } from './nanodet.mjs';
import { quantisable } from './quantise.mjs';

const SIDE = 416;
const LETTERBOX = [
  `scale=${SIDE}:${SIDE}:force_original_aspect_ratio=decrease:flags=bilinear`,
  `pad=${SIDE}:${SIDE}:-1:-1:color=0x727272`,
  'format=rgb24',
].join();

const [graph, ...pictures] = process.argv.slice(2);
const draft = nanodet(readGraphModel(graph));
const values = [...quantisable(draft).values];
const outputs = values.map((name) => ({ name, dims: ['batch', 'channels', 'height', 'width'].map((side) => `${side} of ${name}`) }));
const session = await ort.InferenceSession.create(draft.file(SIGNATURE, outputs), { intraOpNumThreads: 1 });
const ranges = Object.fromEntries(values.map((name) => [name, [0, 0]]));
for (const picture of pictures) {
  const results = await session.run({ images: new ort.Tensor('float32', planesOf(picture), [1, 3, SIDE, SIDE]) });
  for (const [name, range] of Object.entries(ranges)) {
    for (const value of results[name].data) {
      if (value < range[0]) range[0] = value;
      if (value > range[1]) range[1] = value;
    }
  }
}
for (const range of Object.values(ranges)) range.forEach((value, i) => (range[i] = Number(value.toPrecision(6))));
const text = JSON.stringify({ pictures: pictures.map((path) => basename(path)), ranges }, null, 1);
writeFileSync(new URL('ranges.json', import.meta.url), `${text}\n`);

/** Red, green, blue of 0..1, each in a plane of its own. */
function planesOf(picture) {
  const command = ['-v', 'error', '-i', picture, '-vf', LETTERBOX, '-frames:v', '1', '-f', 'rawvideo', '-'];
  const pixels = execFileSync('ffmpeg', command, { maxBuffer: 2 ** 26 });
  const area = SIDE * SIDE;
  const planes = new Float32Array(3 * area);
  for (let i = 0; i < area; i++) for (let channel = 0; channel < 3; channel++) planes[channel * area + i] = pixels[3 * i + channel] / 255;
  return planes;
}
