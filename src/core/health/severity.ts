/** `error`: media or results are being lost, or nobody can watch. `warning`: they soon may be, or some cannot. `info`: worth knowing. */
export const SEVERITIES = ['info', 'warning', 'error'] as const;
export type Severity = (typeof SEVERITIES)[number];
