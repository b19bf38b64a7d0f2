import { describe, expect, it } from 'vitest';
import { libavOk } from '../../decode/libav.js';
import { jobFailure } from './job-failure.js';

const EINVAL = -22;
const ENOMEM = -12;

function failureOf(work: () => unknown): ReturnType<typeof jobFailure> {
  try {
    work();
  } catch (error) {
    return jobFailure(error);
  }
  throw new Error('it did not fail');
}

describe(jobFailure, () => {
  it('says what libav refused, once and for all', () => {
    expect(failureOf(() => libavOk(EINVAL, 'scaling a picture'))).toEqual({
      code: 'VD_ANALYSIS_LIBAV',
      message: 'scaling a picture: Invalid argument',
      retryable: false,
    });
  });

  it('has a segment tried again where memory was short', () => {
    expect(failureOf(() => libavOk(ENOMEM, 'allocating a picture'))).toMatchObject({ code: 'VD_ANALYSIS_NO_MEMORY', retryable: true });
  });

  it("calls what nobody foresaw Vedette's fault, not the host's end", () => {
    expect(jobFailure(new TypeError('x is not a function'))).toEqual({
      code: 'VD_ANALYSIS_INTERNAL',
      message: 'x is not a function',
      retryable: true,
    });
    expect(jobFailure('text')).toMatchObject({ code: 'VD_ANALYSIS_INTERNAL', message: 'text' });
  });

  it('passes on what libav answers when it does not fail', () => {
    expect(libavOk(7, 'resampling sound')).toBe(7);
  });
});
