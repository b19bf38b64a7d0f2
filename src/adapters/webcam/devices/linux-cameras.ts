import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** Where Linux tells of its video devices; another folder in tests. */
export interface LinuxPlaces {
  /** A folder a device, with its name and which of the device's it is. */
  readonly sysfs: string;
  /** Links to devices by what does not change: serial number, or place. */
  readonly links: readonly string[];
}

export const LINUX_PLACES: LinuxPlaces = { sysfs: '/sys/class/video4linux', links: ['/dev/v4l/by-id', '/dev/v4l/by-path'] };

export interface LinuxCamera {
  /** `/dev/video0`, which may be another camera's after the next start. */
  readonly device: string;
  /** The card's, as its driver says it. */
  readonly name: string;
  /** Best first: by serial number, then by place. */
  readonly links: readonly string[];
}

/**
 * Devices that give pictures. A camera has more than one node: those behind the first (`index` above 0) give data about the pictures.
 * Without video devices there is no such folder.
 */
export async function linuxCameras(places: LinuxPlaces = LINUX_PLACES): Promise<LinuxCamera[]> {
  const nodes = (await list(places.sysfs)).filter((node) => /^video\d{1,3}$/.test(node));
  const links = await linksByNode(places.links);
  const cameras = await Promise.all(
    nodes.map(async (node) => {
      const read = (file: string): Promise<string> => readFile(join(places.sysfs, node, file), 'utf8').then(trimmed, () => '');
      const [name, index] = [await read('name'), await read('index')];
      return index === '' || index === '0' ? [{ device: `/dev/${node}`, name, links: links.get(node) ?? [] }] : [];
    }),
  );
  return cameras.flat().sort((a, b) => numberOf(a.device) - numberOf(b.device));
}

async function linksByNode(folders: readonly string[]): Promise<Map<string, string[]>> {
  const byNode = new Map<string, string[]>();
  for (const folder of folders) {
    for (const name of await list(folder)) {
      const path = join(folder, name);
      const node = basename(await readlink(path).catch(() => ''));
      byNode.set(node, [...(byNode.get(node) ?? []), path]);
    }
  }
  return byNode;
}

const list = async (folder: string): Promise<string[]> => (await readdir(folder).catch(() => [])).sort();
const trimmed = (text: string): string => text.trim();
const numberOf = (device: string): number => Number(/\d+$/.exec(device)?.[0]);
