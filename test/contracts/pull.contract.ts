import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, it } from 'vitest';
import { pullSource } from '../../src/adapters/pull/pull-source.js';
import { describeSourceContract } from '../../src/core/plugin-testing/source-contract.js';
import { h264Pictures } from '../support/pull/annex-b.js';
import { MEDIA_READER_FROM_SOURCE } from '../support/pull/pulled.js';
import { RtspCamera } from '../support/pull/rtsp-camera.js';

const pictures = await h264Pictures(await mkdtemp(join(tmpdir(), 'vd-pull-')), 20);
const camera = await RtspCamera.start({ pictures });
afterAll(() => camera.stop());

describeSourceContract({ describe, it }, pullSource, {
  config: () => ({ kind: 'rtsp', url: camera.url }),
  inject: [MEDIA_READER_FROM_SOURCE],
  refused: [
    { kind: 'rtsp', url: 'file:///etc/passwd' },
    { kind: 'rtsp', url: 'rtsp://guard:secret@camera.lan/main' },
    { kind: 'hls', url: 'concat:http://a/|file:///etc/passwd' },
    { kind: 'srt', url: 'srt://camera.lan:9000?mode=listener' },
    { kind: 'ftp', url: 'ftp://camera.lan/' },
  ],
});
