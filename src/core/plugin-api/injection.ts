import type { InjectionToken } from '@nestjs/common';
/** Nest tokens whose providers are passed on, in order. */
export type Injections = readonly InjectionToken[];
