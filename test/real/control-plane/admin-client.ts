import { Agent, request } from 'node:https';

/** A credential that may do everything on one API server. */
export interface AdminCredential {
  readonly serverUrl: string;
  readonly caPem: string;
  readonly certPem?: string;
  readonly keyPem?: string;
  readonly token?: string;
}

/** The answer of a raw request. */
export interface RawAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** A raw client for tests: knows nothing of our own code, so that it can judge it. */
export interface AdminClient {
  /** Sends one request; a JSON body when `body` is given. Answers of any status resolve. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<RawAnswer>;
  /** Sends one request and parses the answer; throws when the status is not 2xx. */
  json(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<unknown>;
  close(): void;
}

/** Opens a raw client with keep-alive. */
export function openAdminClient(credential: AdminCredential): AdminClient {
  const agent = new Agent({
    keepAlive: true,
    ca: credential.caPem,
    ...(credential.certPem === undefined ? {} : { cert: credential.certPem, key: credential.keyPem }),
  });

  async function send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<RawAnswer> {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const authorization =
      credential.token === undefined ? {} : { authorization: `Bearer ${credential.token}` };
    // Node leaves the length of a DELETE's body out unless it is told.
    const content =
      payload === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(payload)) };
    return await new Promise((resolve, reject) => {
      const call = request(
        `${credential.serverUrl}${path}`,
        { method, agent, headers: { ...authorization, ...content, ...headers } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('error', reject);
          response.once('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            resolve({ status: response.statusCode ?? 0, text, headers: response.headers });
          });
        },
      );
      call.once('error', reject);
      call.end(payload);
    });
  }

  return {
    send,
    async json(method, path, body, headers) {
      const answer = await send(method, path, body, headers);
      if (answer.status < 200 || answer.status >= 300)
        throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text.slice(0, 500)}`);
      return JSON.parse(answer.text);
    },
    close: () => agent.destroy(),
  };
}

/** Asks the API server for a token of a ServiceAccount (TokenRequest), valid for at least ten minutes. */
export async function createServiceAccountToken(
  admin: AdminClient,
  account: { readonly namespace: string; readonly name: string; readonly seconds?: number },
): Promise<string> {
  const path = `/api/v1/namespaces/${account.namespace}/serviceaccounts/${account.name}/token`;
  const answer = await admin.json('POST', path, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: account.seconds ?? 3_600 },
  });
  // TokenRequest's status.token, as the API defines it.
  return (answer as { status: { token: string } }).status.token;
}
