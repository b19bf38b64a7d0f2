import { describe, expect, it } from 'vitest';
import { CodedError } from '../plugin-api/index.js';
import { AllowedEgress } from './allowed-egress.js';

const refusal = (allow: readonly string[], url: string): CodedError | undefined => {
  try {
    new AllowedEgress(allow).check(url);
    return undefined;
  } catch (error) {
    return error as CodedError;
  }
};

describe(AllowedEgress.name, () => {
  it.each([
    [['api.example.com'], 'https://api.example.com/v1?x=1'],
    [['api.example.com'], 'https://API.example.com:8443/'],
    [['*.Example.com'], 'https://eu.api.example.com/'],
    [['localhost'], 'http://localhost:11434/v1'],
    [['127.0.0.1'], 'http://127.0.0.1:8000'],
    [['127.0.0.1'], 'http://2130706433/'],
  ])('with %j lets through %s', (allow, url) => expect(refusal(allow, url)).toBeUndefined());

  it.each([
    [[], 'https://api.example.com/'],
    [['api.example.com'], 'https://api.example.com.evil.test/'],
    [['api.example.com'], 'https://evil-api.example.com/'],
    [['*.example.com'], 'https://example.com/'],
    [['*.example.com'], 'https://evilexample.com/'],
    [['api.example.com'], 'http://api.example.com/'],
    [['10.0.0.1'], 'http://10.0.0.1/'],
    [['*.com'], 'http://127.0.0.1.evil.com/'],
    [[], 'http://127.0.0.1/'],
    [['api.example.com'], 'https://user:pass@api.example.com/'],
    [['api.example.com'], 'https://api.example.com@evil.test/'],
    [['api.example.com'], 'file:///etc/passwd'],
    [['api.example.com'], 'not a url'],
    [['169.254.169.254'], 'http://169.254.169.254/latest'],
  ])('with %j refuses %s', (allow, url) => expect(refusal(allow, url)).toMatchObject({ code: 'VD_EGRESS_REFUSED', retryable: false }));

  it('gives the line to add, with what is on the list already', () => {
    expect(refusal(['a.test'], 'https://vision.googleapis.com/v1/images:annotate')?.fix).toContain(
      'egress: { allow: ["a.test", "vision.googleapis.com"] }',
    );
  });

  it('keeps a password in an address out of its message', () => {
    const error = refusal([], 'https://user:hunter2@x.test/');
    expect(`${error?.message} ${error?.fix}`).not.toContain('hunter2');
  });
});
