// Drawings of marks as SVG: icons, names, both, icons cut out of badges, emblems.

const SYLLABLES =
  'ka lo mi ren ta vo sel dor qui na bra fen ulo tri zan pe xo mar gil hu wy jas cor eb ni sto flu der ash ov kip lan'.split(' ');
const SHAPES = ['circle', 'rounded', 'shield', 'hexagon', 'diamond', 'oval', 'ticket'];

/** Dice of its own, the same on every machine. */
export function dice(seed) {
  let state = seed >>> 0;
  const random = () => (state = (state * 1664525 + 1013904223) >>> 0) / 2 ** 32;
  for (let i = 0; i < 8; i++) random();
  const between = (low, high) => low + (high - low) * random();
  const pick = (list) => list[Math.floor(random() * list.length)];
  return { random, between, pick, chance: (share) => random() < share };
}

export function madeUpName(d) {
  const count = d.pick([1, 2, 2, 3]);
  let name = Array.from({ length: count }, () => d.pick(SYLLABLES)).join('');
  if (count === 1) name += d.pick(['x', 'o', 'ia', 'en', 'us']);
  const second = d.chance(0.15) ? ` ${d.pick(SYLLABLES)}${d.pick(SYLLABLES)}` : '';
  name = name[0].toUpperCase() + name.slice(1) + second;
  if (d.chance(0.3)) return name.toUpperCase();
  return d.chance(0.25) ? name.toLowerCase() : name;
}

export const colour = (d) => `#${[0, 0, 0].map(() => Math.floor(d.between(0, 235)).toString(16).padStart(2, '0')).join('')}`;
const light = (d) => `#${[0, 0, 0].map(() => Math.floor(d.between(190, 256)).toString(16).padStart(2, '0')).join('')}`;
const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

/** @param icon { body, width, height } */
function placed({ body, width, height }, x, y, side, fill) {
  const scale = side / Math.max(width, height);
  const corner = `${x + (side - width * scale) / 2},${y + (side - height * scale) / 2}`;
  return `<g transform="translate(${corner}) scale(${scale})" color="${fill}" fill="${fill}">${body}</g>`;
}

const page = (width, height, content) =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" ` +
  `viewBox="0 0 ${width} ${height}">${content}</svg>`;

export const iconMark = (icon, fill) => page(320, 320, placed(icon, 10, 10, 300, fill));

function text(d, name, fonts, x, y, size, fill) {
  const second = d.chance(0.15) ? colour(d) : undefined;
  const half = Math.ceil(name.length / 2);
  const inner = second ? `${escaped(name.slice(0, half))}<tspan fill="${second}">${escaped(name.slice(half))}</tspan>` : escaped(name);
  const spacing = d.chance(0.3) ? ` letter-spacing="${Math.round(d.between(-0.04, 0.2) * size)}"` : '';
  const outline = d.chance(0.06);
  const paint = outline ? `fill="none" stroke="${fill}" stroke-width="${size * 0.025}"` : `fill="${fill}"`;
  const style = `font-weight="${d.chance(0.55) ? 'bold' : 'normal'}" font-style="${d.chance(0.2) ? 'italic' : 'normal'}"`;
  return {
    svg: `<text x="${x}" y="${y}" font-family="${d.pick(fonts)}" ${style} font-size="${size}"${spacing} ${paint}>${inner}</text>`,
    coloured: second !== undefined,
  };
}

export function nameMark(d, name, fonts, fill) {
  const { svg, coloured } = text(d, name, fonts, 60, 260, 180, fill);
  const rule = d.chance(0.1) ? `<rect x="60" y="300" width="${90 * name.length}" height="${d.between(6, 22)}" fill="${fill}"/>` : '';
  return { svg: page(2400, 400, svg + rule), coloured };
}

/** The icon beside or above its name. */
export function lockup(d, icon, name, fonts, fill) {
  if (d.chance(0.7)) {
    const { svg, coloured } = text(d, name, fonts, 300, 220, 180, fill);
    return { svg: page(2600, 400, placed(icon, 40, 40, 225, fill) + svg), coloured };
  }
  const { svg, coloured } = text(d, name, fonts, 60, 460, Math.min(170, 900 / name.length), fill);
  return { svg: page(1600, 560, placed(icon, d.between(60, 200), 20, 280, fill) + svg), coloured };
}

function outline(d, shape, inset, paint) {
  const [a, b] = [20 + inset, 300 - inset];
  const middle = 160;
  const shapes = {
    circle: `<circle cx="160" cy="160" r="${(b - a) / 2}" ${paint}/>`,
    rounded: `<rect x="${a}" y="${a}" width="${b - a}" height="${b - a}" rx="${d.between(10, 90)}" ${paint}/>`,
    shield:
      `<path d="M${a} ${a} L${b} ${a} L${b} ${middle} Q${b - 10} ${b - 30} ${middle} ${b} ` +
      `Q${a + 10} ${b - 30} ${a} ${middle} Z" ${paint}/>`,
    hexagon:
      `<path d="M${middle} ${a} L${b - 18} ${a + 62} L${b - 18} ${b - 62} L${middle} ${b} ` +
      `L${a + 18} ${b - 62} L${a + 18} ${a + 62} Z" ${paint}/>`,
    diamond: `<path d="M${middle} ${a} L${b} ${middle} L${middle} ${b} L${a} ${middle} Z" ${paint}/>`,
    oval: `<ellipse cx="160" cy="160" rx="${(b - a) / 2}" ry="${(b - a) * 0.34}" ${paint}/>`,
    ticket: `<path d="M${a} ${a + 50} L${b} ${a + 30} L${b - 25} ${b - 40} L${a + 25} ${b - 50} Z" ${paint}/>`,
  };
  return shapes[shape];
}

/** The icon as a hole in a shape: one colour. */
export function badge(d, icon, fill) {
  const shape = d.pick(SHAPES);
  const side = shape === 'oval' ? 120 : shape === 'diamond' ? 130 : d.between(140, 180);
  const at = 160 - side / 2;
  const mask = `<mask id="m"><rect width="320" height="320" fill="white"/>${placed(icon, at, at, side, 'black')}</mask>`;
  const ring = d.chance(0.4) ? outline(d, shape, 12, `fill="none" stroke="black" stroke-width="6"`) : '';
  return page(
    320,
    320,
    `<defs>${mask.replace('</mask>', `${ring}</mask>`)}</defs><g mask="url(#m)">${outline(d, shape, 0, `fill="${fill}"`)}</g>`,
  );
}

const onCircle = (angle) => `${160 + 300 * Math.cos(angle)} ${160 + 300 * Math.sin(angle)}`;

/** Several tones: gradients, rings, stripes, rays, a name around, a photograph within. @param photo a JPEG, in base64 */
export function emblem(d, icon, name, fonts, photo) {
  const shape = d.pick(SHAPES);
  const gradient = `<${d.chance(0.6) ? 'linearGradient' : 'radialGradient'} id="g">`;
  const kind = gradient.slice(1, gradient.indexOf(' '));
  const stops = `<stop offset="0" stop-color="${light(d)}"/><stop offset="1" stop-color="${colour(d)}"/>`;
  const defs = `<defs>${gradient}${stops}</${kind}><clipPath id="c">${outline(d, shape, 0, '')}</clipPath></defs>`;
  let inner = outline(d, shape, 0, d.chance(0.6) ? 'fill="url(#g)"' : `fill="${colour(d)}"`);
  const isStriped = photo === undefined && d.chance(0.4);
  const hasRays = photo === undefined && !isStriped && d.chance(0.4);
  if (photo !== undefined)
    inner +=
      '<image clip-path="url(#c)" x="20" y="20" width="280" height="280" preserveAspectRatio="xMidYMid slice" ' +
      `xlink:href="data:image/jpeg;base64,${photo}"/>`;
  else if (isStriped) {
    const count = d.pick([2, 3, 5, 7]);
    const turn = d.pick([0, 45, 90, 30]);
    const stripes = Array.from(
      { length: count },
      (_, i) =>
        `<rect x="-100" y="${(i * 2 + 1) * (520 / (2 * count)) - 100}" width="520" height="${520 / (2 * count)}" fill="${colour(d)}"/>`,
    );
    inner += `<g clip-path="url(#c)"><g transform="rotate(${turn} 160 160)">${stripes.join('')}</g></g>`;
  } else if (hasRays) {
    const rays = Array.from(
      { length: 9 },
      (_, i) => `<path d="M160 160 L${onCircle(i * 0.698)} L${onCircle(i * 0.698 + 0.35)} Z" fill="${light(d)}"/>`,
    );
    inner += `<g clip-path="url(#c)">${rays.join('')}</g>`;
  }
  if (d.chance(0.7))
    inner += outline(
      d,
      shape,
      d.between(2, 26),
      `fill="none" stroke="${d.chance(0.5) ? light(d) : colour(d)}" stroke-width="${d.between(3, 16)}"`,
    );
  if (d.chance(0.75)) {
    const side = d.between(100, 170);
    inner += placed(icon, 160 - side / 2, d.between(40, 110), side, d.chance(0.5) ? '#ffffff' : colour(d));
  }
  if (d.chance(0.5)) {
    const size = Math.min(70, 330 / name.length);
    const band = d.chance(0.5) ? `<rect x="0" y="195" width="320" height="${size * 1.3}" fill="${colour(d)}"/>` : '';
    const font = `text-anchor="middle" font-family="${d.pick(fonts)}" font-weight="bold" font-size="${size}"`;
    const paint = d.chance(0.6) ? '#ffffff' : colour(d);
    inner += `${band}<text x="160" y="${195 + size}" ${font} fill="${paint}">${escaped(name)}</text>`;
  }
  return page(320, 320, defs + inner);
}
