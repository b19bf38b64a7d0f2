import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { until } from '../support/until.js';

export interface ObsWishes {
  readonly server: string;
  readonly key: string;
  /** Absent: as OBS has it where nobody has set it. */
  readonly keyframeSeconds?: number;
}

type Sections = Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>;

const ini = (sections: Sections): string =>
  Object.entries(sections)
    .map(([name, values]) => [`[${name}]`, ...Object.entries(values).map(([key, value]) => `${key}=${value}`), ''].join('\n'))
    .join('\n');

/** OBS Studio itself, on a display of its own, with a profile that streams as soon as it starts. */
export class ObsStudio {
  private constructor(
    private readonly home: string,
    private readonly screen: ChildProcess,
    private readonly obs: ChildProcess,
    readonly said: readonly string[],
  ) {}

  static async start(wishes: ObsWishes): Promise<ObsStudio> {
    const home = await mkdtemp(join(tmpdir(), 'vd-obs-'));
    for (const [name, text] of Object.entries(settingsOf(wishes))) {
      const path = join(home, '.config/obs-studio', name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    }
    const { screen, display } = await startScreen();
    const said: string[] = [];
    const env = {
      PATH: process.env['PATH'],
      HOME: home,
      DISPLAY: display,
      LIBGL_ALWAYS_SOFTWARE: '1',
      XDG_RUNTIME_DIR: home,
      LANG: 'C.UTF-8',
    };
    const options = ['--startstreaming', '--profile', 'Test', '--collection', 'Test', '--multi', '--disable-updater'];
    const obs = spawn('obs', [...options, '--disable-missing-files-check'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [obs.stdout, obs.stderr]) stream.on('data', (text: Buffer) => said.push(text.toString()));
    return new ObsStudio(home, screen, obs, said);
  }

  /** As an operator ends it. */
  async stop(): Promise<void> {
    await ended(this.obs, 'SIGINT');
    await ended(this.screen, 'SIGTERM');
    await rm(this.home, { recursive: true, force: true });
  }
}

const SCENES = {
  ...{ name: 'Test', current_scene: 'Scene', current_program_scene: 'Scene', scene_order: [{ name: 'Scene' }] },
  sources: [{ id: 'scene', versioned_id: 'scene', name: 'Scene', settings: { items: [], id_counter: 0, custom_size: false } }],
};

function settingsOf({ server, key, keyframeSeconds }: ObsWishes): Record<string, string> {
  const video = { BaseCX: 640, BaseCY: 360, OutputCX: 640, OutputCY: 360, FPSCommon: 30 };
  const isSimple = keyframeSeconds === undefined;
  const output: Sections = isSimple
    ? { Output: { Mode: 'Simple' }, SimpleOutput: { StreamEncoder: 'x264', VBitrate: 800 } }
    : { Output: { Mode: 'Advanced' }, AdvOut: { Encoder: 'obs_x264', TrackIndex: 1 } };
  return {
    'global.ini': ini({
      General: { FirstRun: true, EnableAutoUpdates: false, LastVersion: 486539266 },
      Basic: { Profile: 'Test', ProfileDir: 'Test', SceneCollection: 'Test', SceneCollectionFile: 'Test', ConfigOnNewProfile: false },
    }),
    'basic/profiles/Test/basic.ini': ini({ General: { Name: 'Test' }, Video: video, ...output }),
    'basic/profiles/Test/service.json': JSON.stringify({ type: 'rtmp_custom', settings: { server, key, use_auth: false } }),
    'basic/scenes/Test.json': JSON.stringify(SCENES),
    ...(isSimple
      ? {}
      : {
          'basic/profiles/Test/streamEncoder.json': JSON.stringify({ keyint_sec: keyframeSeconds, bitrate: 800, rate_control: 'CBR' }),
        }),
  };
}

/** Xvfb picks a display that is free, and says which. */
async function startScreen(): Promise<{ screen: ChildProcess; display: string }> {
  const screen = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1280x720x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let number = '';
  screen.stdout.on('data', (text: Buffer) => (number += text.toString()));
  await until('a screen', () => number.endsWith('\n'));
  return { screen, display: `:${number.trim()}` };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(force);
}
