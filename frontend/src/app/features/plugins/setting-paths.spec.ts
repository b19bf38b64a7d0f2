import { describe, expect, it } from 'vitest';
import { pathIn, stepsOf } from './setting-paths';

describe('paths of settings', () => {
  it('are read as the server writes them', () => {
    expect(stepsOf('analyzers["a.b"].config.fps')).toEqual(['analyzers', 'a.b', 'config', 'fps']);
    expect(stepsOf('sources.rtmp.networks[2]')).toEqual(['sources', 'rtmp', 'networks', '2']);
    expect(stepsOf('')).toEqual([]);
  });

  it('lead into a contribution, or elsewhere', () => {
    expect(pathIn({ kind: 'analyzer', id: 'a.b' }, 'analyzers["a.b"].config.black.share')).toEqual(['black', 'share']);
    expect(pathIn({ kind: 'analyzer', id: 'a.b' }, 'analyzers["a.b"].streams')).toBeNull();
    expect(pathIn({ kind: 'source', id: 'rtmp' }, 'sources.rtmp.port')).toEqual(['port']);
    expect(pathIn({ kind: 'source', id: 'rtmp' }, 'sources.other.port')).toBeNull();
  });
});
