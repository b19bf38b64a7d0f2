/** CPU time of this process, all threads, in ms. Wall time would count the neighbours' work. */
export function cpuClockMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
