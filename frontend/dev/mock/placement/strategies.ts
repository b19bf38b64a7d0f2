import type { StrategyWire } from '../../../src/app/api/models';
import { HOSTS } from './worker-hosts.ts';

type Worker = StrategyWire['workers'][number];
type Allowed = StrategyWire['analyzers'][number];

const [full, roomy, gone] = HOSTS;
const spent = (today: number, thisMonth: number): StrategyWire['spent'] => ({ today, thisMonth });
const worker = (n: number, over: Partial<Worker> = {}): Worker => ({
  instanceId: `worker-${n}`,
  host: n === 1 ? 'studio' : 'annex',
  status: 'up',
  detail: null,
  breaker: 'closed',
  restsUntil: null,
  failuresInRow: 0,
  msPerMediaSecond: {},
  report: {},
  ...over,
});
const allowed = (id: string, rank: number, of: number, over: Partial<Allowed> = {}): Allowed => ({
  id,
  rank,
  of,
  deadlineMs: null,
  budget: null,
  spent: spent(0, 0),
  ...over,
});
const OBJECTS: Partial<Allowed> = { deadlineMs: 4_000, budget: { perDay: 2, perMonth: null }, spent: spent(1.5, 18.24) };

const LOCAL: StrategyWire = {
  id: 'local',
  title: 'In the worker',
  pluginId: 'strategy-local',
  reach: 'worker',
  carriesState: true,
  solves: null,
  tasks: null,
  analyzers: [
    allowed('object-detection.objects', 2, 3, OBJECTS),
    allowed('visual-analysis.picture', 1, 1),
    allowed('logo-detection', 1, 1),
  ],
  budget: null,
  spent: spent(0, 0),
  workers: [
    worker(1, { msPerMediaSecond: { 'object-detection.objects': 410, 'visual-analysis.picture': 96, 'logo-detection': 355 } }),
    worker(2, { msPerMediaSecond: { 'object-detection.objects': 388, 'visual-analysis.picture': 88 } }),
  ],
  lastHour: { runs: 7214, failed: 3, moved: 412, wallMsP50: 212, wallMsP95: 1_180, cost: 0 },
};

const REMOTE_LAN: StrategyWire = {
  id: 'remote-lan',
  title: 'Worker hosts of the own network',
  pluginId: 'strategy-remote-lan',
  reach: 'lan',
  carriesState: true,
  solves: null,
  tasks: null,
  analyzers: [allowed('object-detection.objects', 1, 3, OBJECTS)],
  budget: null,
  spent: spent(0, 0),
  workers: [
    worker(1, { msPerMediaSecond: { 'object-detection.objects': 145 }, report: { hosts: HOSTS } }),
    worker(2, {
      status: 'degraded',
      detail: '2 of 3 hosts are connected',
      breaker: 'half-open',
      msPerMediaSecond: { 'object-detection.objects': 152 },
      report: { hosts: [full, { ...roomy, state: 'resting', reason: 'two jobs in a row were answered with an error' }, gone] },
    }),
  ],
  lastHour: { runs: 5380, failed: 41, moved: 0, wallMsP50: 320, wallMsP95: 940, cost: 0 },
};

const KEY_REFUSED: Partial<Worker> = { status: 'down', detail: 'VD_CLOUD_AUTH: the provider refuses the key', breaker: 'open' };
const CLOUD: StrategyWire = {
  id: 'cloud-google',
  title: 'Google Cloud Vision',
  pluginId: 'strategy-cloud',
  reach: 'cloud',
  carriesState: false,
  solves: ['object-detection', 'logo-detection', 'text'],
  tasks: ['object-detection', 'logo-detection', 'text'],
  analyzers: [allowed('object-detection.objects', 3, 3, OBJECTS)],
  budget: { perDay: 2.5, perMonth: 20 },
  spent: spent(1.5, 18.24),
  workers: [
    worker(1, { ...KEY_REFUSED, restsUntil: new Date(Date.now() + 40_000).toISOString(), failuresInRow: 5 }),
    worker(2, { ...KEY_REFUSED, restsUntil: new Date(Date.now() + 60_000).toISOString(), failuresInRow: 7 }),
  ],
  lastHour: { runs: 0, failed: 0, moved: 0, wallMsP50: null, wallMsP95: null, cost: 0 },
};

/** Work on the workers, on machines of the LAN and in a cloud whose key is refused. */
export const STRATEGIES: readonly StrategyWire[] = [LOCAL, REMOTE_LAN, CLOUD];

/** One machine, nothing configured. */
export const ALONE: StrategyWire = {
  ...LOCAL,
  analyzers: LOCAL.analyzers.map(({ id }) => allowed(id, 1, 1)),
  workers: LOCAL.workers.slice(0, 1),
  lastHour: { ...CLOUD.lastHour },
};
