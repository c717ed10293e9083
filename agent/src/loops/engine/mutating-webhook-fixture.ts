import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { KubeObject } from '@flotilla/shared/model';
import { writeTestCertificates } from '../../../../test/real/nats-server/index.ts';

/** Test only: one operation of a JSON patch. */
export interface Operation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

/** Test only: an admission webhook that an API server may ask. */
export interface MutatingWebhook extends AsyncDisposable {
  /** What makes the API server ask it about writes of a kind (`apps/v1 deployments`) in a namespace. */
  configuration(name: string, namespace: string, rules: readonly WebhookRule[]): KubeObject;
  /** How often it was asked, by `kind name`; dry runs included. */
  readonly asked: ReadonlyMap<string, number>;
}

/** Test only: kinds about which the webhook is asked. */
export interface WebhookRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
}

interface Review {
  readonly request: { readonly uid: string; readonly object: KubeObject };
}

/** Test only: starts a webhook that patches each object as it is told; certificates are written into the folder. */
export async function startMutatingWebhook(
  folder: string,
  mutate: (object: KubeObject) => readonly Operation[],
): Promise<MutatingWebhook> {
  const certificates = await writeTestCertificates(folder, ['IP:127.0.0.1']);
  const [cert, key] = await Promise.all([
    readFile(certificates.certificateFile, 'utf8'),
    readFile(certificates.keyFile, 'utf8'),
  ]);
  const asked = new Map<string, number>();
  const server = createServer({ cert, key }, async (request, response) => {
    const text = await Array.fromAsync(request, String);
    // AdmissionReview of admission.k8s.io/v1, made by a real API server.
    const { request: review } = JSON.parse(text.join('')) as Review;
    const { object } = review;
    const name = `${object.kind} ${object.metadata.name}`;
    asked.set(name, (asked.get(name) ?? 0) + 1);
    const patch = Buffer.from(JSON.stringify(mutate(object))).toString('base64');
    const answer = { uid: review.uid, allowed: true, patchType: 'JSONPatch', patch };
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: answer }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    configuration: (name, namespace, rules) => ({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name },
      webhooks: [
        {
          name,
          clientConfig: {
            url: `https://127.0.0.1:${port}/mutate`,
            caBundle: Buffer.from(certificates.caPem).toString('base64'),
          },
          failurePolicy: 'Fail',
          sideEffects: 'None',
          reinvocationPolicy: 'IfNeeded',
          admissionReviewVersions: ['v1'],
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
          rules: rules.map((one) => ({ ...one, apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'] })),
        },
      ],
    }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
