import { Command } from 'commander';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { InvalidInput, issuesOf } from '../../core/api/http/validation.pipe.js';
import { CLIP_NAME, ClipMaker } from '../../core/clips/clip-maker.js';
import type { ClipResult } from '../../core/clips/clip-result.js';
import { ExportFfmpeg } from '../../core/clips/export/export-ffmpeg.js';
import { childConfinement } from '../../core/config/child-confinement.js';
import { loadConfig, type LoadedConfig } from '../../core/config/load-config.js';
import { clipError } from '../../core/errors/clip.errors.js';
import { writeWholeFile } from '../../core/plugin-api/index.js';
import { clipBody } from '../../core/wire/clips.wire.js';
import { type ClipStores, withStores, type Stores } from '../database-access.js';
import { databaseUrlOf } from '../database-address.js';
import { streamNamed } from '../named.js';

interface ClipOptions {
  readonly from: string;
  readonly to: string;
  readonly mode: string;
  readonly output: string;
}

/** Opens what the command works on for the length of `work`. */
type WithClips = (work: (stores: Pick<Stores, 'streams' | 'clips'>, loaded: LoadedConfig) => Promise<void>) => Promise<void>;

/** The same clip as POST /api/clips makes, here and now. */
export function clipCommand(withClips: WithClips = ofThisMachine): Command {
  return new Command('clip')
    .description('Cut a range of a stream out as MP4')
    .argument('<stream>', 'its name')
    .requiredOption('--from <time>', 'its first moment; ISO 8601 with time zone')
    .requiredOption('--to <time>', 'its last moment')
    .option('--mode <mode>', 'copy: whole segments as recorded; exact: to the frame; burned: exact, with boxes drawn in', 'copy')
    .requiredOption('-o, --output <file>', 'where to write it; a file that is there is replaced')
    .addHelpText('after', '\nExample:\n  vedette clip door --from 2026-01-01T12:00:00Z --to 2026-01-01T12:00:30Z --mode exact -o door.mp4')
    .action((name: string, options: ClipOptions) =>
      withClips(async ({ streams, clips }, loaded) => {
        const stream = await streamNamed(streams, name);
        const made = await make(stream.id, options, clips, loaded);
        process.stdout.write(textOf(made, options.output));
      }),
    );
}

async function make(streamId: string, options: ClipOptions, clips: ClipStores, loaded: LoadedConfig): Promise<ClipResult> {
  const { mode, from, to } = asked(streamId, options);
  const output = resolve(options.output);
  const epochs = await clips.media.of({ streamId, fromMs: Date.parse(from), toMs: Date.parse(to), pts: null });
  const folder = await mkdtemp(join(dirname(output), `.${basename(output)}.`));
  const called = new AbortController();
  const stop = (): void => called.abort(new Error('Interrupted'));
  process.once('SIGINT', stop);
  try {
    const ffmpeg = new ExportFfmpeg(loaded.config.clips.ffmpegPath, childConfinement(loaded));
    const work = { clip: { id: streamId, streamId, mode }, epochs, folder, signal: called.signal, progressed: () => undefined };
    const write = (at: string, name: string, text: string): Promise<void> => writeWholeFile(join(at, name), text);
    const made = await new ClipMaker({ ...work, fileBytes: Number.MAX_SAFE_INTEGER }, { ...clips, ffmpeg, write }).make();
    await rename(join(folder, CLIP_NAME), output);
    return made;
  } finally {
    process.removeListener('SIGINT', stop);
    await rm(folder, { recursive: true, force: true });
  }
}

/** @throws VD_API_INVALID, VD_CLIP_RANGE_INVALID */
function asked(streamId: string, { from, to, mode }: ClipOptions): { mode: 'copy' | 'exact' | 'burned'; from: string; to: string } {
  const result = clipBody.safeParse({ streamId, from, to, mode });
  if (!result.success) throw new InvalidInput(issuesOf(result.error.issues).map(({ path, message }) => ({ path: `--${path}`, message })));
  if (Date.parse(to) < Date.parse(from)) throw clipError('VD_CLIP_RANGE_INVALID', '--to lies before --from');
  return { mode: result.data.mode, from, to };
}

function textOf({ parts, missing }: ClipResult, output: string): string {
  const lines = [
    output,
    ...parts.map(({ from, to, encoded }) => `  ${from} to ${to}, encoded anew: ${encoded}`),
    ...missing.map(({ from, to, reason }) => `  missing: ${from} to ${to} (${reason})`),
  ];
  return `${lines.join('\n')}\n`;
}

const ofThisMachine: WithClips = async (work) => {
  const loaded = loadConfig();
  await withStores(loaded, databaseUrlOf(loaded), (stores) => work(stores, loaded));
};
