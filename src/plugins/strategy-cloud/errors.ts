import { defineErrors, type ErrorCodeOf } from 'vedette/plugin';

/** The plugin's errors; `detail` says what happened where, and never holds a secret. */
export const cloudError = defineErrors({
  VD_CLOUD_NOT_CONFIGURED: {
    fix:
      'Set what is named above under strategies in the entry of vedette/strategy-cloud; docs/guides/cloud.md shows a whole entry ' +
      'for each provider.',
    retryable: false,
  },
  VD_CLOUD_PRIVATE: {
    fix:
      'Nothing of a private stream is sent to a provider. Let its analyzers prefer local or remote-lan, or remove ' +
      'the private mark from the stream.',
    retryable: false,
  },
  VD_CLOUD_TASK: {
    fix: 'Let the analyzer prefer a strategy that can do its task; docs/guides/cloud.md lists what each provider can do.',
    retryable: false,
  },
  VD_CLOUD_CREDENTIALS: {
    fix:
      'Check the key, what it may do, and whether billing is on at the provider. The file or variable is read again before ' +
      'the next try.',
    retryable: false,
  },
  VD_CLOUD_QUOTA: {
    fix:
      "Nothing to do if it happens rarely: the strategy waits as long as the provider asks. Else raise the provider's quota, or lower " +
      'pictures.fps and pictures.maxPictures.',
    retryable: true,
  },
  VD_CLOUD_UNREADABLE: {
    fix: 'The answer does not match the interface of the provider: check that endpoint points to the right service and version.',
    retryable: true,
  },
  VD_CLOUD_PICTURE_REFUSED: {
    fix: 'The provider does not take this picture: lower pictures.maxSidePx or pictures.maxBytes if it says that it is too large.',
    retryable: false,
  },
  VD_CLOUD_REQUEST_REFUSED: {
    fix: 'The provider says what it does not accept: compare model, region, endpoint and options with its documentation.',
    retryable: false,
  },
  VD_CLOUD_REDIRECTED: {
    fix: 'Pictures do not follow redirects. Set endpoint to the address that the provider really serves.',
    retryable: false,
  },
  VD_CLOUD_TIMEOUT: {
    fix: 'Raise timeout of the strategy, send fewer or smaller pictures, or let a strategy nearby come first.',
    retryable: true,
  },
  VD_CLOUD_SERVER: {
    fix: 'The provider has a problem; Vedette tries again later. Name another strategy after this one in prefer.',
    retryable: true,
  },
  VD_CLOUD_UNREACHABLE: {
    fix: 'Check that this machine reaches the host: name resolution, firewall, certificate.',
    retryable: true,
  },
  VD_CLOUD_ABORTED: {
    fix: 'Nothing to do: the worker that asked for the job cancelled it.',
    retryable: true,
  },
});

export type CloudErrorCode = ErrorCodeOf<typeof cloudError>;
