import { describe, expect, it } from 'vitest';
import { displayName, nameSchema } from './display-name.js';

describe(displayName.name, () => {
  it.each([
    ['composed and decomposed letters', 'Café Müller'.normalize('NFD'), 'Café Müller'],
    ['blanks around, and of any kind between', '  Acme\u00A0 \t\n\u3000Ltd\u2003 ', 'Acme Ltd'],
    ['zero width', 'Ac\u200Bme\uFEFF\u2060', 'Acme'],
    ['right to left override', '\u202Egpj.evil\u202C', 'gpj.evil'],
    ['isolates', '\u2067abc\u2069', 'abc'],
    ['a soft hyphen', 'Ver\u00ADein', 'Verein'],
    ['fillers that are letters to Unicode', 'a\u3164b\u115Fc\uFFA0d\u2800', 'abcd'],
    ['a joiner that joins nothing', '\u200Da\u200D', 'a'],
    ['a style of nothing', '\uFE0Fa', 'a'],
    ['tags', 'a\u{E0041}\u{E0042}', 'a'],
    ['blanks that are left when what was between is gone', 'a \u200B b', 'a b'],
  ])('takes out %s', (_, text, name) => {
    expect(displayName(text)).toBe(name);
    expect(displayName(name)).toBe(name);
  });

  it.each([
    ...['Café', '🚁 Drohne ü', '👨‍👩‍👧', '❤️', '❤️‍🔥', '1️⃣', 'می‌خواهم'],
    ...['क्‍ष', 'DIYARBAKIR', '=1+1', '日本語', 'עברית', 'C++', '½'],
  ])('leaves %s as it is', (name) => {
    expect(displayName(name)).toBe(name);
  });

  it.each(['', '   ', '\u200B', '\u202E', '\u3164\u2800', '\uFE0F', '\u200D\u200C'])('leaves nothing of %j', (text) => {
    expect(displayName(text)).toBe('');
  });
});

describe(nameSchema.name, () => {
  it('takes a name as it is kept, and counts what is kept', () => {
    expect(nameSchema(4).parse('  Cafe\u0301\u200B ')).toBe('Café');
  });

  it.each(['\u200B', ' ', 'Cafés', 'a\u0007b', 'a\u0000', 'a\uD83D'])('refuses %j', (text) => {
    expect(nameSchema(4).safeParse(text).success).toBe(false);
  });
});
