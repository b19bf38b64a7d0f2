import { describe, expect, it } from 'vitest';
import { listenAddress } from '../../config/listen-address.js';
import { publishedUrl } from './published-url.js';

describe('publishedUrl', () => {
  it.each([
    [undefined, undefined, null],
    ['https://media.example/v', '0.0.0.0:8090', 'https://media.example/v'],
    ['https://media.example/v', undefined, 'https://media.example/v'],
    [undefined, '0.0.0.0:8090', 'http://cam-1:8090'],
    [undefined, '[::]:8090', 'http://cam-1:8090'],
    [undefined, '10.0.0.7:8090', 'http://10.0.0.7:8090'],
    [undefined, 'media.lan:80', 'http://media.lan:80'],
    [undefined, '[fd00::7]:8090', 'http://[fd00::7]:8090'],
  ])('with the address %j and listening on %j is %j', (url, listen, expected) => {
    expect(publishedUrl(url, listen === undefined ? undefined : listenAddress(listen), 'cam-1')).toBe(expected);
  });
});
