import { defineErrors } from 'vedette/plugin';

/** What the strategy says of hosts; `detail` says what happened where. What both ends may say is in `vedette/worker-host`. */
export const remoteError = defineErrors({
  VD_REMOTE_NO_HOST: {
    fix: 'See that a worker host runs, that strategies.remote-lan.hosts names its address, and what the dashboard says of each host.',
    retryable: true,
  },
  VD_REMOTE_UNREACHABLE: {
    fix: 'See that `vedette worker-host` runs there, and that its port is open between the two machines.',
    retryable: true,
  },
  VD_REMOTE_HUNG: {
    fix:
      'Nothing to do: the segment goes to another host, or is tried again. If it happens often, that machine is overloaded: lower ' +
      'analysis.hosts there.',
    retryable: true,
  },
  VD_REMOTE_ABORTED: {
    fix: 'Nothing to do: the segment is tried again by the worker that takes over.',
    retryable: true,
  },
  VD_REMOTE_LIED: {
    fix: 'The host is left alone for a while. Run the same version of Vedette on both machines; if it goes on, do not trust that machine.',
    retryable: true,
  },
  VD_REMOTE_CANNOT: {
    fix:
      'Bring the worker host what the message names (a model, a plugin, the same version of it), or let the analyzer prefer another ' +
      'strategy as well.',
    retryable: true,
  },
  VD_REMOTE_PIN_WRONG: {
    fix:
      'Compare the fingerprint with the one that the worker host shows when it starts. If it has a new certificate, correct the ' +
      'config; if not, somebody stands in between.',
    retryable: false,
  },
});
