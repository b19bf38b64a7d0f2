import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { colouredFrame, detectWith } from '../../support/detection/detect-with.js';
import { OTHER_TASKS } from '../../support/detection/other-tasks.js';

describe('a model that is no detector', () => {
  let folder: string;
  beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'vedette-other-tasks-'))));
  afterAll(() => rm(folder, { recursive: true }));

  it.each(OTHER_TASKS)('is refused with what it looks like: $name', async ({ model, looksLike, config }) => {
    await expect(detectWith(folder, model, [colouredFrame([230, 0, 0], 0)], config)).rejects.toMatchObject({
      code: 'VD_DETECTION_UNFIT_MODEL',
      message: expect.stringMatching(looksLike),
      fix: expect.stringMatching(/.+/),
    });
  });
});
