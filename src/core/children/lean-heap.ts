/**
 * How Node.js processes of ours keep their heap. V8 lets the space for young objects grow to 16 MiB a half, keeps it once a burst
 * (a start is one) has filled it, and what dies in it meanwhile is memory all the same. With 1 MiB a half it is emptied more often
 * and costs the same: what lives for a moment is not copied (ADR 29).
 */
export const LEAN_HEAP: readonly string[] = ['--max-semi-space-size=1'];

/**
 * How the C library does: otherwise each thread that ever allocates gets a heap of its own, and what one has freed is of no use to the
 * others, and keeps what it has freed. Whoever sets the variables knows better.
 */
export const LEAN_ALLOCATOR: Readonly<Record<string, string>> = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' };
