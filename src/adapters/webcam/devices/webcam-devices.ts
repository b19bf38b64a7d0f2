import { errorText, type DeviceTools, type SourceDevice, type SourceDeviceMode } from 'vedette/plugin';
import { avfoundationCameras, avfoundationModes } from './avfoundation-list.js';
import { dshowCameras, dshowModes } from './dshow-list.js';
import { linuxCameras, LINUX_PLACES, type LinuxPlaces } from './linux-cameras.js';
import { v4l2Modes } from './v4l2-formats.js';

/** No camera offers it: asked for, avfoundation says what there is. */
const NO_SIZE = '1x1';

/** Cameras of this machine and their modes, in the way of its system. */
export async function webcamDevices(tools: DeviceTools, signal: AbortSignal, places: LinuxPlaces = LINUX_PLACES): Promise<SourceDevice[]> {
  switch (tools.platform) {
    case 'linux':
      return Promise.all((await linuxCameras(places)).map((camera) => linuxDevice(tools, signal, camera)));
    case 'darwin':
      return macDevices(tools, signal);
    case 'win32':
      return windowsDevices(tools, signal);
    default:
      return [];
  }
}

async function linuxDevice(
  tools: DeviceTools,
  signal: AbortSignal,
  { device, name, links }: Awaited<ReturnType<typeof linuxCameras>>[number],
): Promise<SourceDevice> {
  const [id = device, ...others] = [...links, device];
  const aliases = [...others, ...(name === '' ? [] : [name])];
  const asked = tools.askFfmpeg(['-f', 'v4l2', '-list_formats', 'all', '-i', device], signal);
  return { id, title: name === '' ? device : name, aliases, ...(await modesOf(asked, v4l2Modes)) };
}

async function macDevices(tools: DeviceTools, signal: AbortSignal): Promise<SourceDevice[]> {
  const cameras = avfoundationCameras(await tools.askFfmpeg(['-f', 'avfoundation', '-list_devices', 'true', '-i', ''], signal));
  return Promise.all(
    cameras.map(async ({ index, name }) => {
      const asked = tools.askFfmpeg(['-f', 'avfoundation', '-video_size', NO_SIZE, '-i', `${index}:none`], signal);
      return { id: name, title: name, aliases: [String(index)], ...(await modesOf(asked, avfoundationModes)) };
    }),
  );
}

async function windowsDevices(tools: DeviceTools, signal: AbortSignal): Promise<SourceDevice[]> {
  const cameras = dshowCameras(await tools.askFfmpeg(['-f', 'dshow', '-list_devices', 'true', '-i', 'dummy'], signal));
  return Promise.all(
    cameras.map(async ({ name, alternative }) => {
      const asked = tools.askFfmpeg(['-f', 'dshow', '-list_options', 'true', '-i', `video=${name}`], signal);
      return { id: name, title: name, aliases: alternative === undefined ? [] : [alternative], ...(await modesOf(asked, dshowModes)) };
    }),
  );
}

/** A camera that is in use, or that this user may not open, is one nevertheless. */
async function modesOf(
  asked: Promise<string>,
  read: (said: string) => SourceDeviceMode[],
): Promise<Pick<SourceDevice, 'modes' | 'problem'>> {
  const said = await asked.catch(errorText);
  const modes = read(said);
  if (modes.length > 0) return { modes };
  const last = said
    .split(/\r?\n/)
    .map((line) => line.replace(/^\[[^\]]*\]\s*/, '').trim())
    .findLast((line) => line !== '');
  return { modes, problem: last ?? 'ffmpeg said nothing of it' };
}
