import type pg from 'pg';

/** What the driver lets a query do with the connection while PostgreSQL takes rows by COPY. */
interface Wire {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** Rows by `COPY … FROM STDIN`, the fastest way into a table there is; one transaction. The driver has no call for it. */
export function copyIn(client: pg.ClientBase, statement: string, rows: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let failed: Error | undefined;
    const copy = {
      submit: (wire: Wire) => wire.query(statement),
      handleCopyInResponse: (wire: Wire) => {
        wire.sendCopyFromChunk(Buffer.from(rows));
        wire.endCopyFrom();
      },
      handleError: (error: Error) => {
        failed = error;
        reject(error);
      },
      handleCommandComplete: () => undefined,
      handleReadyForQuery: () => {
        if (failed === undefined) resolve();
      },
    };
    client.query(copy as never);
  });
}
