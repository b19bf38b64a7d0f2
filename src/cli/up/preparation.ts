import type { LoadedConfig } from '../../core/config/load-config.js';
import type { FirstSteps } from './first-start.js';

/** What `vedette up` has done for it, in this order, by a process that ends when everything runs. */
export interface PreparationSteps {
  /** Reads the config, and makes the data folder usable. */
  read: (options: Record<never, never>) => LoadedConfig;
  /** What can be found wrong before anything runs: folders, ffmpeg, plugins, ports. Needs `read`. */
  check: (options: Record<never, never>) => Checked;
  /** Brings the database up to date. */
  migrate: (options: { readonly databaseUrl: string }) => null;
  /** The streams, key and token that a person begins with. */
  firstSteps: (options: { readonly databaseUrl: string; readonly demo: boolean }) => FirstSteps;
}

export interface Checked {
  /** Where encoders publish to; null when no source listens. */
  readonly publishUrl: string | null;
  /** What `vedette up` must not write down when a role says it. */
  readonly secrets: readonly string[];
}

export type StepName = keyof PreparationSteps;
export type OptionsOf<S extends StepName> = Parameters<PreparationSteps[S]>[0];
export type ResultOf<S extends StepName> = ReturnType<PreparationSteps[S]>;

export interface StepOrder {
  readonly step: StepName;
  readonly options: OptionsOf<StepName>;
}

/** A coded error has a code and perhaps a fix; any other has its stack. */
export interface StepError {
  readonly message: string;
  readonly code?: string;
  readonly fix?: string;
  readonly stack?: string;
}

export type StepAnswer = { readonly step: StepName; readonly result: unknown } | { readonly step: StepName; readonly error: StepError };
