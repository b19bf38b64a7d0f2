import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeWholeFile } from '../../core/plugin-api/index.js';
import type { StreamStore } from '../../core/persistence/streams/stream-store.js';
import type { Stores } from '../database-access.js';

export const LIVE_STREAM = 'live';
export const DEMO_STREAM = 'demo';
/** The demo's picture: something for every built-in analyzer to see. */
const DEMO_SOURCE = { format: 'lavfi', device: 'demo' };

/** The key of the stream `live`, for OBS: in words when it was made now, and else where it is to be found. */
export interface StreamKey {
  readonly file: string;
  readonly made: string | null;
}

export interface FirstSteps {
  readonly streamKey: StreamKey;
  /** Absent once an admin has signed in. */
  readonly token?: string;
}

/**
 * Sees to it that a person can begin: an admin's one-time token, the stream `live` with a key for OBS that stays the same from
 * start to start and is told at the first, and the demo stream, on or off as the config says.
 */
export async function takeFirstSteps(stores: Stores, options: { readonly dataDir: string; readonly demo: boolean }): Promise<FirstSteps> {
  const { streams, admins } = stores;
  const streamKey = await liveStreamKey(streams, join(options.dataDir, 'secrets', 'obs-stream-key'));
  await setDemo(streams, options.demo);
  const first = await admins.ensureFirstAdmin();
  return { streamKey, ...(first === null ? {} : { token: first.token }) };
}

async function liveStreamKey(streams: StreamStore, file: string): Promise<StreamKey> {
  const live = (await streams.getByName(LIVE_STREAM)) ?? (await streams.create({ name: LIVE_STREAM, title: 'Live', adapterId: 'rtmp' }));
  const kept = read(file);
  const found = kept === undefined ? null : await streams.findByKey(kept);
  // A stream that is switched off keeps its key.
  if (found?.stream.id === live.id && (found.fault === null || found.fault === 'disabled')) return { file, made: null };
  // Keys are stored as hashes only: one that was lost or revoked cannot be shown again, so a new one takes its place.
  const { key } = await streams.createKey(live.id);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  await writeWholeFile(file, `${key}\n`, { mode: 0o600 });
  return { file, made: key };
}

async function setDemo(streams: StreamStore, enabled: boolean): Promise<void> {
  const demo = await streams.getByName(DEMO_STREAM);
  if (demo === null) {
    if (enabled) await streams.create({ name: DEMO_STREAM, title: 'Demo', adapterId: 'webcam', sourceConfig: DEMO_SOURCE });
  } else if (demo.enabled !== enabled && demo.declaredAt === null) await streams.update(demo.id, { enabled });
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
