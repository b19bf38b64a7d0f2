import { describe, expect, it } from 'vitest';
import { baseOf } from './spa.js';

describe(baseOf.name, () => {
  it.each(['/', '/brands', '/live/door', '/live/door/', '/a/b/c', '/live/caf%C3%A9%2Fdoor'])(
    'leads from the page %s to the dashboard, wherever a proxy has put that',
    (page) => {
      for (const prefix of ['', '/vedette', '/tools/video']) {
        expect(new URL(baseOf(page), `https://site.example${prefix}${page}`).pathname).toBe(`${prefix}/`);
      }
    },
  );
});
