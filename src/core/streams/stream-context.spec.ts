import { beforeEach, describe, expect, it } from 'vitest';
import { ingestError } from '../errors/ingest.errors.js';
import { createLogger } from '../observability/logger.js';
import type { EpochHandle, EpochOpening } from '../plugin-api/index.js';
import type { EpochOpener } from './epoch-opener.js';
import { StreamContext } from './stream-context.js';

const opening: EpochOpening = { startedAtMs: 0, input: { kind: 'flv' } };
const reports: (string | undefined)[][] = [];
let open: () => Promise<Pick<EpochHandle, 'done'>>;
let context: StreamContext;
beforeEach(() => {
  reports.length = 0;
  context = new StreamContext(
    { id: 's', name: 'yard' },
    {
      opener: { open: () => open(), limits: { silenceTimeoutMs: 10_000, segmentDurationMs: 2_000 } } as unknown as EpochOpener,
      states: { report: (_, state, detail) => reports.push([state, detail]) },
      logger: createLogger({ role: 'test', level: 'error', format: 'json' }),
      current: () => true,
    },
  );
});

describe(StreamContext.name, () => {
  it("says of a stream that is tried again that the fault is the system's own, whatever its adapter knows", async () => {
    open = () => Promise.reject(ingestError('VD_INGEST_MEDIA_UNWRITABLE', '/media: EROFS: read-only file system'));
    await expect(context.openEpoch(opening)).rejects.toThrow();
    context.report('retrying', 'the packager failed');
    expect(reports).toEqual([['retrying', expect.stringMatching(/^the packager failed\. Vedette cannot store it.*EROFS/)]]);
  });

  it('says it when the disk runs full while the stream is written, and no more once an epoch opens again', async () => {
    const error = new Error('ffmpeg exited with code 1; it said: No space left on device');
    open = () => Promise.resolve({ done: Promise.resolve({ reason: 'packager-failed', error }) });
    const epoch = await context.openEpoch(opening);
    await epoch.done;
    context.report('retrying', 'the packager failed');
    open = () => Promise.resolve({ done: new Promise(() => undefined) });
    await context.openEpoch(opening);
    context.report('retrying', 'no media for 10 s');
    expect(reports).toEqual([
      ['retrying', expect.stringContaining('No space left on device')],
      ['retrying', 'no media for 10 s'],
    ]);
  });

  it('says that a stream failed which begins anew too often, whatever its adapter says, until an epoch opens again', async () => {
    open = () => Promise.reject(ingestError('VD_INGEST_EPOCHS_TOO_MANY', 'stream s began 60 epochs within a minute'));
    await expect(context.openEpoch(opening)).rejects.toThrow();
    context.report('retrying', 'the packager failed');
    open = () => Promise.resolve({ done: new Promise(() => undefined) });
    await context.openEpoch(opening);
    context.report('retrying', 'no media for 10 s');
    const failed = ['failed', expect.stringMatching(/^stream s began 60 epochs within a minute\. Look at the encoder's log/)];
    expect(reports).toEqual([failed, failed, ['retrying', 'no media for 10 s']]);
  });
});
