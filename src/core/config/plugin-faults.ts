/** A plugin that cannot be imported, found out in a process that may come to harm by it. */
export interface PluginFault {
  /** As the config names it. */
  readonly use: string;
  readonly code: string;
  readonly message: string;
  readonly fix?: string;
  readonly stack?: string;
}
