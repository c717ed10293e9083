import { stringify } from 'yaml';

/** What a kubeconfig with a bearer token says. */
export interface TokenCredential {
  readonly serverUrl: string;
  readonly caPem: string;
  readonly token: string;
}

/** The text of a kubeconfig with one context, one server and one bearer token. */
export function kubeconfigFor({ serverUrl, caPem, token }: TokenCredential): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'member',
    contexts: [{ name: 'member', context: { cluster: 'member', user: 'agent' } }],
    clusters: [
      {
        name: 'member',
        cluster: {
          server: serverUrl,
          'certificate-authority-data': Buffer.from(caPem).toString('base64'),
        },
      },
    ],
    users: [{ name: 'agent', user: { token } }],
  });
}
