import { bodyOf, type Body, type Http } from './body';
import type {
  ImportWire,
  PublishRefusalWire,
  RetentionWire,
  RotatedKeyWire,
  SourceAdapterWire,
  StreamKeyWire,
  StreamRetentionWire,
} from './models';

/** What an admin tends of streams: how they come in, by which keys, and how long they are kept. */
export class UpkeepApi {
  constructor(private readonly http: Http) {}

  async sources(): Promise<SourceAdapterWire[]> {
    return (await bodyOf(this.http.GET('/api/sources'))).items;
  }
  /** Publishers that were refused lately, the last first. */
  async refusals(limit: number): Promise<PublishRefusalWire[]> {
    return (await bodyOf(this.http.GET('/api/sources/refusals', { params: { query: { limit: String(limit) as never } } }))).items;
  }

  async keys(streamId: string): Promise<StreamKeyWire[]> {
    return (await bodyOf(this.http.GET('/api/streams/{id}/keys', { params: { path: { id: streamId } } }))).items;
  }
  rotateKey(id: string, keyId: string, body: Body<'rotateStreamKey'>): Promise<RotatedKeyWire> {
    return bodyOf(this.http.POST('/api/streams/{id}/keys/{keyId}/rotate', { params: { path: { id, keyId } }, body }));
  }
  async revokeKey(id: string, keyId: string): Promise<void> {
    await this.http.DELETE('/api/streams/{id}/keys/{keyId}', { params: { path: { id, keyId } } });
  }

  retention(): Promise<RetentionWire> {
    return bodyOf(this.http.GET('/api/retention'));
  }
  streamRetention(id: string): Promise<StreamRetentionWire> {
    return bodyOf(this.http.GET('/api/streams/{id}/retention', { params: { path: { id } } }));
  }
  setStreamRetention(id: string, body: Body<'setStreamRetention'>): Promise<StreamRetentionWire> {
    return bodyOf(this.http.PUT('/api/streams/{id}/retention', { params: { path: { id } }, body }));
  }

  createImport(id: string, body: Body<'createImport'>): Promise<ImportWire> {
    return bodyOf(this.http.POST('/api/streams/{id}/imports', { params: { path: { id } }, body }));
  }
  /** A piece follows the one before; with the last byte the import is queued. */
  uploadPiece(
    id: string,
    importId: string,
    piece: Blob,
    at: { readonly firstByte: number; readonly totalBytes: number },
  ): Promise<ImportWire> {
    const range = `bytes ${at.firstByte}-${at.firstByte + piece.size - 1}/${at.totalBytes}`;
    return bodyOf(
      this.http.PUT('/api/streams/{id}/imports/{importId}/file', {
        params: { path: { id, importId } },
        headers: { 'content-type': 'application/octet-stream', 'content-range': range },
        body: piece as never,
        bodySerializer: () => piece,
      }),
    );
  }
}
