/** Milliseconds since 1970 of a time as the server says it; 0 where it says none. */
export const ms = (at: string | null | undefined): number => (at == null || at === '' ? 0 : Date.parse(at));
