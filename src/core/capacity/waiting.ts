/**
 * How long a segment waits for a free host, by the approximation of Allen and Cunneen for G/G/m, arrivals at random (ca² = 1;
 * segments of several streams come more evenly, so this errs on the long side):
 *
 *     Wq ≈ ρ^(√(2(m+1)) − 1) / (m (1 − ρ)) · s · (1 + cs²) / 2
 *
 * @param serviceMs mean time a host is busy with a segment, and its spread (standard deviation over mean)
 * @returns null where the queue grows without end
 */
export function expectedWaitMs({
  utilisation,
  hosts,
  serviceMs,
  spread,
}: {
  utilisation: number;
  hosts: number;
  serviceMs: number;
  spread: number;
}): number | null {
  if (!(utilisation < 1) || hosts <= 0) return null;
  const busy = utilisation ** (Math.sqrt(2 * (hosts + 1)) - 1);
  return (busy / (hosts * (1 - utilisation))) * serviceMs * ((1 + spread ** 2) / 2);
}
