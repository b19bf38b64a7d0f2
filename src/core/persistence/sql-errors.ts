const CONNECTION_CODES = new Set([
  'VD_DATABASE_UNREACHABLE',
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  // idle_in_transaction_session_timeout and idle_session_timeout: the server closed the connection.
  '25P03',
  '57P05',
  '57P01',
  '57P02',
  '57P03',
  '53300',
]);

/** True when the database could not be asked, as opposed to having refused: trying again later may help. */
export function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as NodeJS.ErrnoException).code;
  if (code !== undefined && (CONNECTION_CODES.has(code) || code.startsWith('08'))) return true;
  return /connection terminated|timeout exceeded when trying to connect|^timeout expired$|client has encountered a connection error/i.test(
    error.message,
  );
}

/** SQLSTATE of a refusal by the server, e.g. '23505' for a duplicate. */
export function sqlState(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}
