import { CodedError } from 'vedette/plugin';

const table = {
  VD_REMOTE_NO_HOST: {
    fix: 'See that a worker host runs, that strategies.remote-lan.hosts names its address, and what the dashboard says of each host.',
    retryable: true,
  },
  VD_REMOTE_UNREACHABLE: {
    fix: 'See that `vedette worker-host` runs there, and that its port is open between the two machines.',
    retryable: true,
  },
  VD_REMOTE_LOST: {
    fix: 'Nothing to do: the segment goes to another host, or is tried again. If it happens often, look at the network and at the log of the host.',
    retryable: true,
  },
  VD_REMOTE_HUNG: {
    fix: 'Nothing to do: the segment goes to another host, or is tried again. If it happens often, that machine is overloaded: lower analysis.hosts there.',
    retryable: true,
  },
  VD_REMOTE_BUSY: {
    fix: 'Add a worker host, or let the analyzers prefer another strategy as well: execution.prefer: [remote-lan, local].',
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
    fix: 'Bring the worker host what the message names (a model, a plugin, the same version of it), or let the analyzer prefer another strategy as well.',
    retryable: true,
  },
  VD_REMOTE_TOKEN_WRONG: {
    fix: 'Give worker and worker host the same token.',
    retryable: false,
  },
  VD_REMOTE_PIN_WRONG: {
    fix: 'Compare the fingerprint with the one that the worker host shows when it starts. If it has a new certificate, correct the config; if not, somebody stands in between.',
    retryable: false,
  },
  VD_REMOTE_PROTOCOL: {
    fix: 'Run the same version of Vedette on both machines.',
    retryable: false,
  },
  VD_REMOTE_TOKEN_SHORT: {
    fix: 'Leave the token out, and the worker host makes one; give its file to the workers.',
    retryable: false,
  },
  VD_REMOTE_TOKEN_UNREADABLE: {
    fix: 'Let --token-file name a text file of at most 64 kB that can be read, or one that is not there yet in a folder that can be written to.',
    retryable: false,
  },
  VD_REMOTE_CERTIFICATE: {
    fix: 'Let workerHost.certFile and workerHost.keyFile name readable PEM files that belong together; or leave both out, and the host makes its own.',
    retryable: false,
  },
  VD_REMOTE_LISTEN: {
    fix: 'Set another address or port: `--listen 0.0.0.0:7443`, or workerHost.listen.',
    retryable: true,
  },
  VD_REMOTE_REFUSED: {
    fix: 'Look at what the message says; worker and worker host must be of the same version of Vedette.',
    retryable: true,
  },
  VD_REMOTE_DISCOVERY: {
    fix: 'Announcing and finding hosts needs UDP port 5353 and multicast. Name the hosts by their addresses instead: strategies.remote-lan.hosts.',
    retryable: true,
  },
} as const;

export type RemoteErrorCode = keyof typeof table;

/** Makes one of the strategy's coded errors; `detail` says what happened where. */
export function remoteError(code: RemoteErrorCode, detail: string, cause?: unknown): CodedError {
  const { fix, retryable } = table[code];
  return new CodedError(code, detail, fix, { cause, retryable });
}
