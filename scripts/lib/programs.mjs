import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Refusal, run } from './project.mjs';

/** Programs that are not npm packages, and what each system's package manager calls them. `file`: a part that is on no PATH. */
export const PROGRAMS = {
  ffmpeg: { names: ['ffmpeg'], apt: 'ffmpeg', brew: 'ffmpeg', winget: 'ffmpeg', why: 'packages every stream' },
  chromium: {
    names: ['chromium', 'chromium-browser', 'google-chrome'],
    apt: 'chromium',
    brew: '--cask chromium',
    winget: 'Hibbiki.Chromium',
    why: 'the tests look at the dashboard with it',
  },
  nginx: { names: ['nginx'], apt: 'nginx', brew: 'nginx', winget: 'nginxinc.nginx', why: 'the tests put it in front of Vedette' },
  nginxRtmp: {
    file: '/usr/lib/nginx/modules/ngx_rtmp_module.so',
    apt: 'libnginx-mod-rtmp',
    platform: 'linux',
    why: 'the tests take over from it',
  },
  srt: {
    names: ['srt-live-transmit'],
    apt: 'srt-tools',
    brew: 'srt',
    platform: 'linux',
    why: "the tests pull streams from SRT's own sender",
  },
  redis: { names: ['redis-server'], apt: 'redis-server', brew: 'redis', winget: 'Redis.Redis', why: 'the tests run the queues on it too' },
  kubectl: {
    names: ['kubectl'],
    apt: 'kubernetes-client',
    brew: 'kubernetes-cli',
    winget: 'Kubernetes.kubectl',
    why: 'the tests render the Kubernetes overlays with it',
  },
  espeak: {
    names: ['espeak-ng'],
    apt: 'espeak-ng',
    brew: 'espeak-ng',
    winget: 'eSpeak-NG.eSpeak-NG',
    why: 'the benchmark of speech has its voices speak',
    benchmarkOnly: true,
  },
  systemd: { names: ['systemd-analyze'], apt: 'systemd', platform: 'linux', why: 'the tests check the units with it' },
  ip: { names: ['ip'], apt: 'iproute2', platform: 'linux', why: 'the tests give each machine a network of its own' },
  socat: { names: ['socat'], apt: 'socat', platform: 'linux', why: 'the tests carry packets between those networks with it' },
};

/** What `npm test` needs. */
export const TEST_PROGRAMS = Object.keys(PROGRAMS).filter((key) => !PROGRAMS[key].benchmarkOnly);

/** Finds the programs, installs what is missing where we may (apt as root), else says the exact command. */
export async function ensurePrograms(keys) {
  const needed = keys.filter((key) => [undefined, process.platform].includes(PROGRAMS[key].platform));
  const missing = needed.filter((key) => !isThere(PROGRAMS[key]));
  if (missing.length === 0) return;
  const list = missing.join(', ');
  if (process.platform === 'linux' && onPath('apt-get') && process.getuid?.() === 0) {
    process.stdout.write(`Installing ${list} by apt …\n`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    // A machine that has no package lists yet needs them first; one whose lists are stale gets 404s without.
    const update = await run('apt-get', ['update', '-qq'], { env });
    const packages = missing.map((key) => PROGRAMS[key].apt);
    const install = await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env });
    if (install.code === 0 && missing.every((key) => isThere(PROGRAMS[key]))) return;
    throw new Refusal(
      `apt-get could not install ${list} (update ended with ${update.code}, install with ${install.code}); the lines above say why.`,
      11,
    );
  }
  const reasons = missing.map((key) => `  ${key}: ${PROGRAMS[key].why}`).join('\n');
  throw new Refusal(
    `${missing.includes('ffmpeg') ? 'VD_BOOT_FFMPEG_MISSING\n' : ''}Not found on PATH: ${list}\n${reasons}\n  To fix it: ${command(missing)}`,
    11,
  );
}

function command(missing) {
  const packages = (manager) => missing.map((key) => PROGRAMS[key][manager]).join(' ');
  if (process.platform === 'darwin') return `brew install ${packages('brew')}`;
  if (process.platform === 'win32') return missing.map((key) => `winget install ${PROGRAMS[key].winget}`).join(' && ');
  if (onPath('apt-get')) return `sudo apt-get update && sudo apt-get install -y ${packages('apt')}`;
  return `install ${missing.join(', ')} with your system's package manager`;
}

function isThere({ names, file }) {
  return file === undefined ? names.some(onPath) : existsSync(file);
}

function onPath(name) {
  if (name === 'ffmpeg' && process.env.FFMPEG_PATH) return true;
  const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  // Debian keeps servers in sbin, which is not on every user's PATH.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.some((folder) => folder !== '' && endings.some((ending) => executable(join(folder, name + ending))));
}

function executable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
