import { describe, expect, it } from 'vitest';
import { imageKind } from './image-kind.js';
import { checkSvg } from './svg-check.js';

const kindOf = (text: string): string => {
  try {
    return imageKind(Buffer.from(text));
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe(imageKind, () => {
  it.each([
    '<svg/>',
    '\uFEFF<?xml version="1.0"?>\n<!-- made by -- nobody -->\n<svg xmlns="x">',
    '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd"><svg>',
    '<!DOCTYPE svg [<!ENTITY x "y">]>\n<x:svg>',
  ])('knows an SVG behind what may stand before it: %s', (text) => {
    expect(kindOf(text)).toBe('image/svg+xml');
  });

  it.each(['', 'svg', '<svgx>', '<html><svg>', '<!-- <svg> ', '<!DOCTYPE svg [ <svg>'])('takes nothing else for one: %s', (text) => {
    expect(kindOf(text)).toBe('VD_BRAND_IMAGE_UNREADABLE');
  });

  // Each of these takes longer than the universe has when it is tried in every way to split it.
  it.each([' '.repeat(60_000), '<!-- -->'.repeat(8_000), '<!DOCTYPE a [] >'.repeat(4_000), '<? ?>'.repeat(12_000)])(
    'gives up soon on much that is nothing',
    (text) => {
      expect(kindOf(`${text}x`)).toBe('VD_BRAND_IMAGE_UNREADABLE');
    },
  );

  it('looks for links in a long word once', () => {
    expect(() => checkSvg(Buffer.from(`<svg>${'a'.repeat(4_000_000)}</svg>`))).not.toThrow();
    expect(() => checkSvg(Buffer.from(`<svg><image xlink:href = "http://example.com/x"/></svg>`))).toThrow('a link to');
  });
});
