import { defineErrors } from 'vedette/plugin';

/** What the strategy says of hosts; `detail` says what happened where. What both ends may say is in `vedette/worker-host`. */
export const remoteError = defineErrors({
  VD_REMOTE_NO_HOST: {
    fix: 'Check that a worker host runs, that strategies.remote-lan.hosts names its address, and what the dashboard says of each host.',
    retryable: true,
  },
  VD_REMOTE_UNREACHABLE: {
    fix: 'Check that `vedette worker-host` runs there, and that its port is open between the two machines.',
    retryable: true,
  },
  VD_REMOTE_HUNG: {
    fix:
      'Nothing to do: Vedette tries the segment again, on another host if there is one. If it happens often, that ' +
      'machine is overloaded: lower analysis.hosts there.',
    retryable: true,
  },
  VD_REMOTE_ABORTED: {
    fix: 'Nothing to do: the worker that takes over tries the segment again.',
    retryable: true,
  },
  VD_REMOTE_LIED: {
    fix:
      'Vedette does not use the host for a while. Run the same version of Vedette on both machines; if the error persists, do not ' +
      'trust that machine.',
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
      'config; if not, another machine intercepts the connection.',
    retryable: false,
  },
});
