import { describe, expect, it } from 'vitest';
import { baseOf } from './spa.js';

describe(baseOf.name, () => {
  it.each(['/', '/logos', '/streams/door', '/streams/door/', '/a/b/c', '/streams/caf%C3%A9%2Fdoor'])(
    'leads from the page %s to the dashboard, wherever a proxy has put that',
    (page) => {
      for (const prefix of ['', '/vedette', '/tools/video']) {
        expect(new URL(baseOf(page), `https://site.example${prefix}${page}`).pathname).toBe(`${prefix}/`);
      }
    },
  );
});
