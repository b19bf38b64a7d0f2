import { defineErrors } from 'vedette/plugin';

/** What can be wrong with a source that is fetched from somewhere else. */
export const pullError = defineErrors({
  VD_PULL_NAME_UNKNOWN: {
    fix: 'Check the name in `url`, and that this machine can resolve it (`getent hosts NAME`); or write the address as numbers.',
    retryable: true,
  },
  VD_PULL_ADDRESS_REFUSED: {
    fix:
      'Sources do not lead to this machine itself, to link-local addresses, nor from one host to private addresses of another. If you ' +
      'mean it, make a source of its own of that address.',
  },
  VD_PULL_REFUSED: {
    fix: 'Check the port in `url`, and that the source is switched on: the machine is there, and nothing listens on that port.',
    retryable: true,
  },
  VD_PULL_UNREACHABLE: {
    fix: 'Check the address in `url`, cable and network: the source cannot be reached from this machine.',
    retryable: true,
  },
  VD_PULL_TIMEOUT: {
    fix: 'Check that the source is on and not behind a firewall; if it is slow, raise `timeout`. With udp, try `transport: tcp`.',
    retryable: true,
  },
  VD_PULL_STALLED: {
    fix: 'Nothing to do if it comes back; if it happens often, look at the network to the source, or restart the source.',
    retryable: true,
  },
  VD_PULL_UNAUTHORISED: {
    fix: 'Set `username` and `password` to those of the source; cameras often have accounts of their own for streams.',
    retryable: true,
  },
  VD_PULL_NOT_FOUND: {
    fix: 'Check the path in `url`: the source is there and has no stream of that name. Its manual names its paths.',
    retryable: true,
  },
  VD_PULL_REJECTED: {
    fix: 'The source answered and refused. Look into its own log; too many viewers at once is a usual reason.',
    retryable: true,
  },
  VD_PULL_SRT_UNANSWERED: {
    fix:
      'SRT does not say why. Check that the other side listens (`mode=listener`) on that UDP port and nobody else is connected to it, ' +
      'that `passphrase` is its own, and that `streamId` is one that it knows.',
    retryable: true,
  },
  VD_PULL_NOT_MEDIA: {
    fix: 'Check `kind` and `url`: what the address gives is not what the kind says.',
    retryable: true,
  },
  VD_PULL_NO_MEDIA: {
    fix: 'Check that the source sends a picture or sound: it answered, and nothing came that can be read.',
    retryable: true,
  },
  VD_PULL_CODEC: {
    fix: 'Set `video: auto`, by which such pictures are encoded to H.264, or let the source send H.264.',
  },
  VD_PULL_NOT_LIVE: {
    fix: 'The playlist has ended. Import what it names as files, or point `url` at a live stream.',
    retryable: true,
  },
  VD_PULL_PLAYLIST: {
    fix: 'Point `url` at a live HLS playlist of MPEG-TS or fragmented MP4, without DRM.',
    retryable: true,
  },
  VD_PULL_ENDED: {
    fix: 'Nothing to do if it comes back; otherwise look into the log of the source, which closed the connection.',
    retryable: true,
  },
  VD_PULL_READER: {
    fix: 'Look into the log of this node. If it happens with this source again and again, report it with what the source is.',
    retryable: true,
  },
});
