import { describe, expect, it } from 'vitest';
import { exhaustedLimit } from './exhausted-limit.js';

describe(exhaustedLimit, () => {
  it('names the limit by the code of a system call, or by what the error says', () => {
    expect(exhaustedLimit(Object.assign(new Error('open'), { code: 'EMFILE' }))).toContain('ulimit -n');
    expect(exhaustedLimit(new Error('spawn ffmpeg EAGAIN'))).toContain('ulimit -u');
  });

  it.each([undefined, null, 'text', new Error('ENOENT: no such file'), Object.assign(new Error('x'), { code: 'EACCES' })])(
    'says nothing of %s',
    (error) => expect(exhaustedLimit(error)).toBeUndefined(),
  );
});
