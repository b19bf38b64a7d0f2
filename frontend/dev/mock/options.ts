import { parseArgs } from 'node:util';
import { CLIP_FOLDER } from '../clip/clip-files.ts';
import { FPS } from '../clip/clip-scene.ts';
import { SCENES, type SceneName } from './placement/scenes.ts';

export interface MockOptions {
  /** 0: any that is free. */
  readonly port: number;
  /** Every so many frames one is analysed. */
  readonly frameStep: number;
  readonly clipFolder: string;
  /** Begins without streams. */
  readonly isEmpty: boolean;
  readonly role: 'admin' | 'viewer';
  readonly work: SceneName;
}

/** @throws Error for an option that the mock server does not have */
export function readOptions(args: readonly string[]): MockOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: '8080' },
      'sampling-fps': { type: 'string', default: '5' },
      dir: { type: 'string', default: CLIP_FOLDER },
      empty: { type: 'boolean', default: false },
      viewer: { type: 'boolean', default: false },
      work: { type: 'string', default: 'fits' },
    },
  });
  if (!isScene(values.work)) throw new Error(`--work is one of ${Object.keys(SCENES).join(', ')}`);
  return {
    port: Number(values.port),
    frameStep: Math.max(1, Math.round(FPS / Number(values['sampling-fps']))),
    clipFolder: values.dir,
    isEmpty: values.empty,
    role: values.viewer ? 'viewer' : 'admin',
    work: values.work,
  };
}

const isScene = (name: string): name is SceneName => Object.hasOwn(SCENES, name);
