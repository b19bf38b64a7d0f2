import { describe, expect, it } from 'vitest';
import { connectionError } from './connection-error.js';

describe(connectionError.name, () => {
  it.each([
    ['ECONNREFUSED', 'VD_PULL_REFUSED'],
    ['EHOSTUNREACH', 'VD_PULL_UNREACHABLE'],
    ['ENETUNREACH', 'VD_PULL_UNREACHABLE'],
    ['ENOTFOUND', 'VD_PULL_NAME_UNKNOWN'],
    ['ETIMEDOUT', 'VD_PULL_TIMEOUT'],
    ['ECONNRESET', 'VD_PULL_ENDED'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'VD_PULL_REJECTED'],
  ])('%s is %s', (code, expected) => {
    const error = connectionError(Object.assign(new Error('http://u:p@camera.lan/?key=1'), { code }), 'camera.lan:80');
    expect(error.code).toBe(expected);
    expect(error.message).toContain('camera.lan:80');
    expect(error.message).not.toContain('key=1');
  });
});
