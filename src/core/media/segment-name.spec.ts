import { describe, expect, it } from 'vitest';
import { containerOf, initializationPath, pathBefore, segmentFileName } from './segment-name.js';
import { isSegmentPath } from './store/segment-path.js';
import { segmentType } from './store/send-segment.js';

const FOLDER = '01890000-0000-7000-8000-000000000000/01890000-0000-7000-8000-000000000001';

describe('the name of a segment', () => {
  it.each([
    ['mpegts', '000012.ts', '000011.ts', null, 'video/mp2t'],
    ['fmp4', '000012.m4s', '000011.m4s', 'init.mp4', 'video/mp4'],
  ] as const)('says of %s what it is, what came before it and what it needs', (container, name, before, initialization, type) => {
    expect(segmentFileName(12, container)).toBe(name);
    expect(containerOf(`${FOLDER}/${name}`)).toBe(container);
    expect(pathBefore(`${FOLDER}/${name}`)).toBe(`${FOLDER}/${before}`);
    expect(initializationPath(`${FOLDER}/${name}`)).toBe(initialization && `${FOLDER}/${initialization}`);
    expect(segmentType(name)).toBe(type);
    expect(isSegmentPath(`${FOLDER}/${name}`)).toBe(true);
  });

  it('is one of those that are signed, cached and sent, and no other', () => {
    expect(isSegmentPath(`${FOLDER}/init.mp4`)).toBe(true);
    for (const name of ['init.m4s', '12.m4s', '000012.mp4', '000012.m4s.tmp', '../init.mp4', 'init.mp4/']) {
      expect(isSegmentPath(`${FOLDER}/${name}`)).toBe(false);
    }
  });
});
