/** The environment of a role that `vedette up` starts: ours, with what only `up` knows. */
export function roleEnvironment(extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...extra };
}
