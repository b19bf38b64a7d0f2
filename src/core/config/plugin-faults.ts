import { z } from 'zod';

/** Name of the variable by which a process hands on what it found; not a key of the config. */
export const PLUGIN_FAULTS_VARIABLE = 'VEDETTE_PLUGIN_FAULTS';
const MAX_TEXT = 2_000;

const faults = z.array(
  z.object({
    use: z.string(),
    code: z.string(),
    message: z.string(),
    fix: z.string().optional(),
    stack: z.string().optional(),
  }),
);

/** A plugin that cannot be imported, found out in a process that may come to harm by it. */
export type PluginFault = Readonly<z.output<typeof faults>[number]>;

/** What tells a child which plugins it must not import. @example fork(entry, { env: { ...env, ...pluginFaultsVariable(loaded.pluginFaults) } }) */
export function pluginFaultsVariable(found: readonly PluginFault[] = []): Readonly<Record<string, string>> {
  const short = (text: string | undefined): string | undefined => text?.slice(0, MAX_TEXT);
  const told = found.map((fault) => ({
    ...fault,
    message: fault.message.slice(0, MAX_TEXT),
    fix: short(fault.fix),
    stack: short(fault.stack),
  }));
  return { [PLUGIN_FAULTS_VARIABLE]: JSON.stringify(told) };
}

/** @returns undefined where nobody has looked yet */
export function readPluginFaults(env: NodeJS.ProcessEnv): readonly PluginFault[] | undefined {
  const text = env[PLUGIN_FAULTS_VARIABLE];
  if (text === undefined) return undefined;
  try {
    return faults.parse(JSON.parse(text));
  } catch {
    // Not by us: then it is looked again.
    return undefined;
  }
}
