/** From the process that tries to the child that imports. */
export interface TrialOrder {
  /** Folder of the config file. */
  readonly baseDir: string;
  /** What entries of `plugins` name, in order. */
  readonly uses: readonly string[];
}

/** From the child: it is about to import one, and how that went. */
export type TrialNews =
  | { readonly type: 'importing'; readonly use: string }
  | { readonly type: 'imported'; readonly use: string }
  | {
      readonly type: 'failed';
      readonly use: string;
      readonly error: { readonly code: string; readonly message: string; readonly fix?: string; readonly stack?: string };
    };
