// Writes docs/floors.svg: the floors of src/core, from the rules that hold them (.dependency-cruiser.cjs). A test compares the file with
// what this makes.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const ROOM = { width: 128, height: 44, gap: 12 };
const FLOOR_HEIGHT = 64;
const LEFT = 216;

/** What each floor is, lowest first; beside the rules, which do not need to know. */
const MEANING = [
  'public surface, pure figures',
  'coded errors',
  'pure parts, processes, decoding',
  'config',
  'plugins and models in this process',
  'what fits, and which models there are',
  'shapes of REST and WebSocket',
  'PostgreSQL',
  'doorbells and media folders',
  'the jobs of the system',
  'what is given away of it',
  'what others talk to',
];

/** Floors of the rules, lowest first: a folder stands as high as it has folders below it. */
export function floorsOf(rules) {
  const byHeight = new Map();
  for (const { name, to } of rules) {
    const folder = /^floor-of-(.*)$/.exec(name ?? '')?.[1];
    if (folder === undefined) continue;
    const allowed = /\((.*)\)/.exec(to?.pathNot)[1].split('|');
    byHeight.set(allowed.length, [...(byHeight.get(allowed.length) ?? []), folder]);
  }
  return [...byHeight].sort(([a], [b]) => a - b).map(([, folders]) => folders);
}

/** @returns {string} the picture */
export function floorsSvg(floors) {
  if (floors.length !== MEANING.length) throw new Error(`There are ${floors.length} floors, and ${MEANING.length} of them are described`);
  const widest = Math.max(...floors.map((floor) => floor.length));
  const width = LEFT + 80 + widest * (ROOM.width + ROOM.gap);
  const height = floors.length * FLOOR_HEIGHT + 48;
  const rows = floors.map((floor, level) => {
    const y = height - 36 - (level + 1) * FLOOR_HEIGHT + 20;
    const rooms = floor.map((folder, index) => {
      const x = LEFT + 48 + index * (ROOM.width + ROOM.gap);
      return (
        `<rect class="room" x="${x}" y="${y}" width="${ROOM.width}" height="${ROOM.height}" rx="8"/><text ` +
        `class="name" x="${x + ROOM.width / 2}" y="${y + 27}" text-anchor="middle">${folder}</text>`
      );
    });
    const line = `<path class="floor" d="M24 ${y + ROOM.height + 9}H${width - 24}"/>`;
    return `  <g><text class="what" x="28" y="${y + 27}">${MEANING[level]}</text>${rooms.join('')}${line}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="ui-sans-serif, system-ui, 'DejaVu Sans', sans-serif" font-size="14">
  <title>The floors of src/core: a folder imports itself and what lies below it</title>
  <style>.room{fill:#1d2736;stroke:#35455e}.name{fill:#e6ecf5;font-size:13px}.what{fill:#7d8aa0;font-size:12px}.floor{stroke:#2d3a4f;fill:none}</style>
  <rect width="${width}" height="${height}" rx="14" fill="#0c1017"/>
${rows.join('\n')}
</svg>
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { forbidden } = createRequire(import.meta.url)('../.dependency-cruiser.cjs');
  writeFileSync(new URL('../docs/floors.svg', import.meta.url), floorsSvg(floorsOf(forbidden)));
}
