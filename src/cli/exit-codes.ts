/** Exit codes that scripts and service managers may rely on, by the error that ended the program. */
const EXACT: Readonly<Record<string, number>> = {
  VD_BOOT_UNKNOWN_ROLE: 2,
  VD_BOOT_UNKNOWN_COMMAND: 2,
  VD_BOOT_NODE_TOO_OLD: 10,
  VD_BOOT_FFMPEG_MISSING: 11,
  VD_BOOT_FOLDER_UNUSABLE: 12,
  VD_BOOT_PORT_TAKEN: 13,
  VD_BOOT_ALREADY_RUNNING: 14,
  VD_BOOT_ROLE_NOT_READY: 18,
  VD_BOOT_NOT_RUNNING: 19,
};
const BY_AREA: readonly (readonly [prefix: string, exitCode: number])[] = [
  ['VD_DATABASE_', 15],
  ['VD_CONFIG_', 16],
  ['VD_PLUGIN_', 17],
];

/** @example exitCodeOf('VD_BOOT_PORT_TAKEN') === 13 */
export function exitCodeOf(code: string | undefined): number {
  if (code === undefined) return 1;
  return EXACT[code] ?? BY_AREA.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 1;
}
