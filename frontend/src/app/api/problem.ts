import type { ProblemWire } from './models';

/** A refused or impossible request: the server's problem document, or one of our own when it could not answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(readonly problem: ProblemWire) {
    super(problem.detail || problem.title);
  }
  get status(): number {
    return this.problem.status;
  }
}

/** A problem that the dashboard found itself, in the form of the server's. */
export const local = (title: string, detail: string, code: string, status: number, fix: string): ProblemWire => ({
  type: 'about:blank',
  title,
  detail,
  code,
  status,
  fix,
});

/** The server's problem document, or one of our own where a proxy answered in its place. */
export async function problemOf(response: Response): Promise<ProblemWire> {
  const text = await response.text().catch(() => '');
  try {
    const parsed = JSON.parse(text) as Partial<ProblemWire>;
    if (typeof parsed.code === 'string' && typeof parsed.title === 'string') return parsed as ProblemWire;
  } catch {
    // Not JSON: a proxy answered in Vedette's place.
  }
  return local(
    response.status >= 500 ? 'Vedette is not available' : 'The request was refused',
    `The server answered ${response.status} ${response.statusText}`.trim(),
    `HTTP_${response.status}`,
    response.status,
    response.status >= 500 ? 'Look at the log of the api role, or of the proxy in front of it.' : 'Reload the page and try again.',
  );
}

/** Vedette could not be asked at all. */
export function unreachable(cause: unknown): ApiError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  const fix = 'Check that Vedette is running and that this machine reaches it.';
  return new ApiError(local('Vedette does not answer', detail, 'UNREACHABLE', 0, fix));
}

/** What to show of anything that was thrown. */
export function problemFrom(error: unknown): ProblemWire {
  if (error instanceof ApiError) return error.problem;
  const detail = error instanceof Error ? error.message : String(error);
  return local('Something went wrong on this page', detail, 'PAGE', 0, 'Reload the page; if it happens again, report it with this text.');
}
