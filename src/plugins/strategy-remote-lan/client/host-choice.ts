/** What choosing a host goes by. */
export interface HostLoad {
  /** Jobs it can have under way at once. */
  readonly capacity: number;
  /** Jobs under way or waiting there, whoever sent them. */
  readonly ahead: number;
  /** What a job of the queue takes there, waiting left out; undefined until one was done. */
  readonly msPerJob: number | undefined;
}

/** A stream stays where its decoders are warm until another host would be this many times quicker. */
const STAY_UNTIL_SLOWER = 2;
const UNKNOWN_MS = 1_000;
/** A host whose processes are still starting: it takes jobs, and they wait. */
const STARTING_CAPACITY = 0.5;

const places = ({ capacity }: HostLoad): number => Math.max(capacity, STARTING_CAPACITY);

/**
 * The host that is least loaded, weighed by how long a job takes there; the one that did the lane's last job as long as it
 * is not clearly busier.
 * @returns undefined where there is none
 */
export function chooseHost<Host>(hosts: readonly Host[], loadOf: (host: Host) => HostLoad, before: Host | undefined): Host | undefined {
  const loads = new Map(hosts.map((host) => [host, loadOf(host)]));
  const known = [...loads.values()].flatMap(({ msPerJob }) => msPerJob ?? []);
  const usualMs = known.length === 0 ? UNKNOWN_MS : known.reduce((sum, ms) => sum + ms, 0) / known.length;
  const costOf = (host: Host): number => {
    const load = loads.get(host)!;
    return ((load.ahead + 1) / places(load)) * (load.msPerJob ?? usualMs);
  };
  const best = hosts.reduce<Host | undefined>(
    (least, host) => (least === undefined || costOf(host) < costOf(least) ? host : least),
    undefined,
  );
  if (best !== undefined && before !== undefined && loads.has(before) && costOf(before) <= costOf(best) * STAY_UNTIL_SLOWER) return before;
  return best;
}

/** How long a job would wait there before it begins. */
export function startDelayMs(load: HostLoad): number {
  return (Math.max(0, load.ahead + 1 - places(load)) / places(load)) * (load.msPerJob ?? UNKNOWN_MS);
}
