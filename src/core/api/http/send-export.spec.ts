import { describe, expect, it } from 'vitest';
import { contentDisposition, exportName } from './send-export.js';

const AT = '2026-03-01T10:20:30.456Z';

describe(exportName.name, () => {
  it.each([
    ['Front door', 'Front door 2026-03-01 10.20.30.mp4'],
    ['../../etc/passwd', 'etc passwd 2026-03-01 10.20.30.mp4'],
    ['.hidden', 'hidden 2026-03-01 10.20.30.mp4'],
    ['a"b\\c\r\nX: y', 'a b c X y 2026-03-01 10.20.30.mp4'],
    ['Tür 🚪 門', 'Tür 門 2026-03-01 10.20.30.mp4'],
    ['***', 'clip 2026-03-01 10.20.30.mp4'],
    ['x'.repeat(200), `${'x'.repeat(80)} 2026-03-01 10.20.30.mp4`],
  ])('%j is called %j', (title, name) => expect(exportName(title, AT, 'mp4')).toBe(name));
});

describe(contentDisposition.name, () => {
  it('has a plain name and the real one', () => {
    expect(contentDisposition('Tür "門".mp4', 'inline')).toBe(
      `inline; filename="Tur .mp4"; filename*=UTF-8''T%C3%BCr%20%22%E9%96%80%22.mp4`,
    );
  });
});
