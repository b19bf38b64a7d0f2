import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EpochFolder, readMarkers, type EpochMarker } from './epoch-folder.js';

let mediaDir: string;
beforeEach(() => {
  mediaDir = mkdtempSync(join(tmpdir(), 'vedette-markers-'));
});
afterEach(() => rmSync(mediaDir, { recursive: true, force: true }));

describe(readMarkers.name, () => {
  it('reads those that are whole, and names those that a power cut left empty, cut off or full of zeros', async () => {
    const streamId = randomUUID();
    const made: EpochMarker[] = [];
    for (let i = 0; i < 4; i++) {
      const marker = { epochId: randomUUID(), streamId, startedAtMs: i };
      await new EpochFolder(mediaDir, streamId, marker.epochId).create(marker);
      made.push(marker);
    }
    const [whole, ...others] = made;
    const fileOf = ({ epochId }: EpochMarker): string => join(mediaDir, '.open', `${epochId}.json`);
    const damages = [() => '', (text: string) => text.slice(0, text.length / 2), (text: string) => '\0'.repeat(text.length)];
    others.forEach((marker, i) => writeFileSync(fileOf(marker), damages[i]!(readFileSync(fileOf(marker), 'utf8'))));
    const damaged: string[] = [];
    expect(await readMarkers(mediaDir, (file) => damaged.push(file))).toEqual([whole]);
    expect(damaged.toSorted()).toEqual(others.map(fileOf).toSorted());
  });

  it('finds none where there was never an ingest', async () => {
    expect(await readMarkers(join(mediaDir, 'nowhere'))).toEqual([]);
  });
});
