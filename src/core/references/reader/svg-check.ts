import { brandError } from '../../errors/brand.errors.js';

/** What may stand in a link: a place in the same file, or a picture inside it. */
const HARMLESS_LINK = /^\s*(#|data:image\/(png|jpeg|jpg|webp|gif)[;,]|$)/i;
const LINK = /(?:href|src)\s*=\s*(?:"([^"]*)"|'([^']*)')/gi;
const STYLE_LINK = /url\(\s*["']?\s*([^)"']{0,200})/gi;
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/<!DOCTYPE/i, 'a DOCTYPE'],
  [/<!ENTITY/i, 'an entity'],
  [/<\?xml-stylesheet/i, 'a link to a style sheet'],
  [/<(?:\w+:)?(script|foreignObject|iframe|object|embed|handler|listener)[\s>/]/i, 'an element for scripts or foreign content'],
  [/@import/i, 'an @import'],
  [/<(?:\w+:)?include[\s>/]/i, 'an XInclude'],
  [/\bxml:base\s*=/i, 'an xml:base'],
];

/**
 * Refuses an SVG that is more than a drawing. The library that draws it fetches nothing either; this is said before, so that an
 * operator learns why a part would be missing.
 * @throws VD_BRAND_IMAGE_REFUSED
 */
export function checkSvg(bytes: Buffer): void {
  const text = bytes.toString('utf8');
  for (const [pattern, what] of REFUSED) {
    const found = pattern.exec(text);
    if (found !== null) throw refused(what, text, found.index);
  }
  for (const pattern of [LINK, STYLE_LINK]) {
    for (const found of text.matchAll(pattern)) {
      const target = found[1] ?? found[2] ?? '';
      if (!HARMLESS_LINK.test(target)) throw refused(`a link to ${JSON.stringify(target.slice(0, 80))}`, text, found.index);
    }
  }
}

function refused(what: string, text: string, at: number): Error {
  const line = text.slice(0, at).split('\n').length;
  return brandError('VD_BRAND_IMAGE_REFUSED', `The SVG has ${what} in line ${line}.`);
}
