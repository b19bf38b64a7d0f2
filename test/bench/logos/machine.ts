import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { SIMPLE_ICONS_VERSION } from './simple-icons-images.js';
import { PYTHON } from './scenes.js';

/** What the figures were measured on and with. */
export function machineFacts(): string {
  const [cpu] = cpus();
  const python = said(PYTHON, [
    '-c',
    'import cv2, numpy, sys; print(f"Python {sys.version.split()[0]}, OpenCV {cv2.__version__}, NumPy {numpy.__version__}")',
  ]);
  const ffmpeg = /^ffmpeg version (\S+)/.exec(said('ffmpeg', ['-version']))?.[1] ?? 'unknown';
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}), ${memory}; Node.js ${process.versions.node}, ${python}, ffmpeg ${ffmpeg}, simple-icons ${SIMPLE_ICONS_VERSION}`;
}

function said(program: string, args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}
