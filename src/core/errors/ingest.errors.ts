import { errorTable, errorFactory } from './errors.js';

/** Why a source or a publisher does not get its media in. */
export const ingestErrors = errorTable({
  VD_INGEST_KEY_UNKNOWN: {
    title: 'The stream key is not known',
    httpStatus: 403,
    retryable: false,
    audience: 'user',
    fix: 'Copy the key again into the encoder (OBS: Settings, Stream, Stream Key). Keys are shown once: make another one where it is lost.',
  },
  VD_INGEST_KEY_REVOKED: {
    title: 'The stream key was revoked',
    httpStatus: 403,
    retryable: false,
    audience: 'user',
    fix: "Copy a key in force into the encoder (OBS: Settings, Stream, Stream Key), or make one on the stream's page.",
  },
  VD_INGEST_KEY_EXPIRED: {
    title: 'The stream key was replaced, and its time of grace is over',
    httpStatus: 403,
    retryable: false,
    audience: 'user',
    fix: 'Copy the key that replaced it into the encoder (OBS: Settings, Stream, Stream Key).',
  },
  VD_INGEST_STREAM_DISABLED: {
    title: 'The stream is switched off',
    httpStatus: 403,
    retryable: false,
    audience: 'user',
    fix: 'Switch the stream on, or stop the encoder that publishes to it.',
  },
  VD_INGEST_NETWORK_REFUSED: {
    title: 'Publishers of this stream may not come from this address',
    httpStatus: 403,
    retryable: false,
    audience: 'operator',
    fix: "Add the address to `networks` of the stream's source config. If the encoder is not yours, its key is known to others: rotate it.",
  },
  VD_INGEST_STREAM_BUSY: {
    title: 'Another encoder publishes to the stream already',
    httpStatus: 409,
    retryable: true,
    audience: 'user',
    fix:
      'Stop the other encoder, or give this one a stream of its own. With `takeover: true` in its source config the newest publisher ' +
      'takes the stream over.',
  },
  VD_INGEST_TAKEOVER_TOO_SOON: {
    title: 'Two encoders take the stream from each other',
    httpStatus: 429,
    retryable: true,
    audience: 'user',
    fix:
      'Stop one of the two encoders, or give it a stream of its own. Until then each has to wait longer before it takes ' +
      'the stream over.',
  },
  VD_INGEST_RATE_LIMITED: {
    title: 'Too many attempts from this address',
    httpStatus: 429,
    retryable: true,
    audience: 'user',
    fix: 'Check the stream key: a right one is accepted at once, also from this address.',
  },
  VD_INGEST_UNAVAILABLE: {
    title: 'Stream keys cannot be checked now',
    httpStatus: 503,
    retryable: true,
    audience: 'operator',
    fix: 'Check that the database is running; publishers may try again at once.',
  },
  VD_INGEST_GRANT_WITHDRAWN: {
    title: 'The permission to publish was withdrawn',
    httpStatus: 403,
    retryable: false,
    audience: 'user',
    fix: 'The stream was disabled or removed, or its key revoked: publish with a valid key again.',
  },
  VD_INGEST_TAKEN_OVER: {
    title: 'Another publisher took the stream over',
    httpStatus: 409,
    retryable: true,
    audience: 'user',
    fix: 'Stop the other encoder that publishes with a key of this stream, or give it a stream of its own; then publish again.',
  },
  VD_INGEST_FOLDER_REFUSED: {
    title: 'Sources may not read this folder',
    httpStatus: 403,
    retryable: false,
    audience: 'operator',
    fix: 'Add the folder to ingest.folders in vedette.config.yaml, if you mean its files to be read.',
  },
  VD_INGEST_FOLDER_MISSING: {
    title: 'The folder cannot be looked into',
    httpStatus: 404,
    retryable: true,
    audience: 'operator',
    fix: 'Check the path, that its disk is mounted, and that the user who runs Vedette may read the folder; Vedette looks again by itself.',
  },
  VD_INGEST_DISK_FULL: {
    title: 'There is no room to record',
    httpStatus: 507,
    retryable: true,
    audience: 'operator',
    fix:
      'Make room on the disk that is named here, release holds, or shorten retention: recording starts again by itself. GET ' +
      '/api/retention says what is kept, and why.',
  },
  VD_INGEST_OTHER_SOURCE: {
    title: 'The stream takes its media another way',
    httpStatus: 409,
    retryable: false,
    audience: 'user',
    fix: 'Make a stream for this: what a stream takes is chosen when it is made (its `adapterId`).',
  },
  VD_INGEST_PERMIT_INVALID: {
    title: 'The permit of a page was not accepted',
    httpStatus: 403,
    retryable: true,
    audience: 'operator',
    fix: 'Pages publish by way of /ws/publish of the API role, which gives a new permit each time. Compare the clocks of the machines.',
  },
  VD_INGEST_NOWHERE: {
    title: 'No ingest role can be reached that takes pages',
    httpStatus: 503,
    retryable: true,
    audience: 'operator',
    fix:
      'Check that an ingest role runs. Where it is on another machine than the API role, set plugins[].sources.browser.host to an ' +
      'address that the API reaches, and .url if that has another name there.',
  },
  VD_INGEST_PINNED_ELSEWHERE: {
    title: 'The stream is pinned to another ingest node',
    httpStatus: 409,
    retryable: false,
    audience: 'user',
    fix: "Publish to the node that the stream is pinned to, or change the stream's `pinnedTo`.",
  },
  VD_INGEST_LEASE_LOST: {
    title: 'This ingest node does not have the stream any more',
    httpStatus: 409,
    retryable: true,
    audience: 'operator',
    fix: 'Nothing to do if another node has the stream. Else check that this node reaches the database.',
  },
  VD_INGEST_NODE_TAKEN: {
    title: 'Another ingest process runs with this media folder',
    httpStatus: 409,
    retryable: true,
    audience: 'operator',
    fix:
      'Run one ingest per media folder: end the other process, or give this one a mediaDir of its own. In a copied media folder ' +
      'delete `.ingest-id`, after what `.open` names was finished where it was written.',
  },
  VD_INGEST_STOPPING: {
    title: 'Vedette is stopping',
    httpStatus: 503,
    retryable: true,
    audience: 'user',
    fix: 'Publish again when Vedette runs again.',
  },
  VD_INGEST_MEDIA_UNWRITABLE: {
    title: 'The media folder cannot be written to',
    httpStatus: 507,
    retryable: true,
    audience: 'operator',
    fix: 'Check the permissions and the free space of mediaDir.',
  },
  VD_INGEST_EPOCHS_TOO_MANY: {
    title: 'The stream begins anew all the time',
    httpStatus: 429,
    retryable: true,
    audience: 'user',
    fix:
      "Look at the encoder's log: it reconnects, changes its format or sets its clock again and again. It is let in again once it has " +
      'begun less often for a minute.',
  },
  VD_INGEST_ADAPTER_UNKNOWN: {
    title: "The stream's source adapter is not loaded",
    httpStatus: 409,
    retryable: false,
    audience: 'operator',
    fix: 'Add its plugin to `plugins` in the config, or give the stream another source.',
  },
  VD_INGEST_CONFIG_INVALID: {
    title: "The stream's source config is not valid",
    httpStatus: 422,
    retryable: false,
    audience: 'user',
    fix: "Correct the named keys of the stream's source config.",
  },
  VD_INGEST_SOURCE_TIMEOUT: {
    title: 'The source did not answer in time',
    httpStatus: 504,
    retryable: true,
    audience: 'operator',
    fix: 'Check that the device or the remote end answers; Vedette starts the source again.',
  },
});

export const ingestError = errorFactory(ingestErrors);
