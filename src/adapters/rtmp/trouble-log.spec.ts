import { describe, expect, it } from 'vitest';
import { KeptLog } from './testing/listener-harness.js';
import { TroubleLog } from './trouble-log.js';

describe(TroubleLog.name, () => {
  it('says each kind at most once a second and counts all of them', () => {
    let nowMs = 0;
    const log = new KeptLog();
    const trouble = new TroubleLog(log, () => nowMs);
    for (let i = 0; i < 1000; i++) trouble.report('protocol', 'closed');
    trouble.report('limit', 'closed');
    nowMs = 1000;
    trouble.report('protocol', 'closed');
    expect(log.lines).toEqual([
      'closed {"kind":"protocol","times":1}',
      'closed {"kind":"limit","times":1}',
      'closed {"kind":"protocol","times":1000}',
    ]);
    expect(trouble.totals()).toEqual({ protocol: 1001, limit: 1 });
  });
});
