import { describe, expect, it } from 'vitest';
import { nameFromTitle, STREAM_NAME } from './stream-name';

describe(nameFromTitle.name, () => {
  it.each(['Main stage', 'Café Zürich — Süd!', '  --x-- ', 'a'.repeat(200)])('makes of %j a name the server takes', (title) => {
    expect(nameFromTitle(title)).toMatch(STREAM_NAME);
  });
  it('keeps it readable', () => {
    expect(nameFromTitle('Café Zürich — Süd!')).toBe('cafe-zurich-sud');
  });
});
