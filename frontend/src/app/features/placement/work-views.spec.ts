import { describe, expect, it } from 'vitest';
import { T0, at } from '../../testing/wire-samples';
import { aShadow, aStrategy } from '../../testing/work-samples';
import { WORDS } from '../../testing/work-words';
import { machinesOf } from './machines';
import { shadowView } from './shadow-view';
import { spendingLines } from './spending-text';
import { strategyView } from './strategy-view';

describe(strategyView.name, () => {
  it('tells what was done in the last hour, with units', () => {
    const lastHour = { runs: 200, failed: 3, moved: 12, wallMsP50: 212, wallMsP95: 1_180, cost: 0.4 };
    const view = strategyView(aStrategy({ reach: 'lan', lastHour, solves: ['objects'], carriesState: false }), WORDS);
    expect(view.hour.map(({ name, text }) => `${name} ${text}`)).toEqual([
      'runs 200',
      'failed 3 (2%)',
      'taken over 12',
      'half within 212 ms',
      '95% within 1.2 s',
      'cost 0.40',
    ]);
    expect(view).toMatchObject({
      reachWord: 'LAN',
      idle: false,
      notes: [expect.stringContaining('in place of analyzers here: objects'), expect.stringContaining('each segment by itself')],
    });
  });
  it('does not dress up an hour without runs as figures', () => {
    expect(strategyView(aStrategy(), WORDS).idle).toBe(true);
  });
});

describe(spendingLines.name, () => {
  it('shows budgets that nothing was spent of, and spending without a budget', () => {
    expect(spendingLines({ today: 0, thisMonth: 0 }, { perDay: 2, perMonth: 20 }, WORDS)).toEqual([
      { text: '0.00 of 2.00 today', share: 0 },
      { text: '0.00 of 20.00 this month', share: 0 },
    ]);
    expect(spendingLines({ today: 0.004, thisMonth: 3 }, null, WORDS)).toEqual([
      { text: '0.004 today', share: null },
      { text: '3.00 this month', share: null },
    ]);
  });
  it('is silent where nothing costs anything', () => {
    expect(spendingLines({ today: 0, thisMonth: 0 }, null, WORDS)).toEqual([]);
  });
  it('takes a budget of nothing as spent', () => {
    expect(spendingLines({ today: 0, thisMonth: 0 }, { perDay: 0, perMonth: null }, WORDS)[0]).toEqual({
      text: '0.00 of 0.00 today',
      share: 1,
    });
  });
});

describe(shadowView.name, () => {
  it('sets both sides beside each other', () => {
    expect(
      shadowView(aShadow({ skipped: 2, failed: 1, lastTrouble: 'timed out' }), new Map([['objects', 'Object detection']]), WORDS),
    ).toMatchObject({
      title: 'Object detection',
      agreementText: '82% agreement, 82 found by both',
      compared: '40 segments compared, 2 left out, 1 failed',
      sides: [
        { strategy: 'local', typical: '240 ms', slow: '400 ms', cost: '0.00', alone: '10' },
        { strategy: 'cloud-google', typical: '900 ms', slow: '1.6 s', cost: '0.003', alone: '8' },
      ],
      trouble: 'timed out',
    });
  });
  it('calls nothing found by either neither agreement nor disagreement', () => {
    expect(shadowView(aShadow({ agreement: null }), new Map(), WORDS).agreementText).toBe('neither found anything yet');
    expect(shadowView(aShadow({ agreement: null, compared: 0 }), new Map(), WORDS).agreementText).toBe('nothing compared yet');
  });
});

describe(machinesOf.name, () => {
  const instance = (id: string, host: string, role: string, alive = true) => ({
    id,
    host,
    role,
    pid: 7,
    startedAt: at(-60_000),
    version: '0.1.0',
    heartbeatAt: at(alive ? -4_000 : -900_000),
    alive,
  });
  it('groups processes by machine, the lost ones last and not all of them', () => {
    const lost = [1, 2, 3, 4].map((n) => instance(`lost-${n}`, 'attic', 'worker', false));
    const machines = machinesOf(
      [instance('w', 'studio', 'worker'), ...lost, instance('a', 'studio', 'api'), instance('l', 'studio', 'worker', false)],
      T0,
      WORDS,
    );
    expect(machines.map(({ host, summary, more }) => [host, summary, more])).toEqual([
      ['studio', '2 processes run, 1 lost within a day', 0],
      ['attic', '0 processes run, 4 lost within a day', 1],
    ]);
    expect(machines[0]!.processes.map(({ role, alive, up, beat }) => [role, alive, up, beat])).toEqual([
      ['api', true, '1 min', '4 seconds ago'],
      ['worker', true, '1 min', '4 seconds ago'],
      ['worker', false, '1 min', '15 minutes ago'],
    ]);
  });
});
