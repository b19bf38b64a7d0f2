/**
 * How Node.js starts a child that reads what is foreign: it may read files, its own code among them, and no more: no writing, no
 * processes, whatever comes makes of the script.
 * @param scriptHeapMb for its JavaScript; what native code holds is watched from outside
 */
export const readsOnly = (scriptHeapMb: number): readonly string[] => [
  '--permission',
  '--allow-addons',
  '--allow-fs-read=*',
  `--max-old-space-size=${scriptHeapMb}`,
  '--disable-warning=SecurityWarning',
];
