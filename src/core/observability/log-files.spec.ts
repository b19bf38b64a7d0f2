import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endOfLog, roleLogs } from './log-files.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-logs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);

describe(roleLogs.name, () => {
  it('lists what roles wrote, and nothing else', async () => {
    for (const name of ['worker.log', 'api.log', 'api.log.1', 'notes.txt', '.hidden.log', 'Api.log']) put(name, 'line\n');
    expect((await roleLogs(folder)).map(({ name, sizeBytes }) => [name, sizeBytes])).toEqual([
      ['api', 5],
      ['worker', 5],
    ]);
  });
});

describe(endOfLog.name, () => {
  it('gives whole lines only, the last of them', async () => {
    put('api.log', 'first line\nsecond line\nthird\n');
    expect(await endOfLog(folder, 'api', 1_000)).toBe('first line\nsecond line\nthird\n');
    expect(await endOfLog(folder, 'api', 10)).toBe('third\n');
  });

  it('goes on with the file before it', async () => {
    put('api.log.1', 'long ago\nlately\n');
    put('api.log', 'now\n');
    expect(await endOfLog(folder, 'api', 14)).toBe('lately\nnow\n');
  });

  it('masks what was written past the logger', async () => {
    put('ingest.log', 'ffmpeg: rtmp://10.0.0.1/live/my-secret-key refused\n');
    expect(await endOfLog(folder, 'ingest', 1_000)).toBe('ffmpeg: rtmp://10.0.0.1/live/*** refused\n');
  });

  it('says that there is none', async () => {
    await expect(endOfLog(folder, 'worker', 10)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
