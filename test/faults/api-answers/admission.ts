import type { AdminClient } from '../../real/control-plane/index.ts';
import { waitFor } from '../../real/waiting.ts';

const policyPath = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';
const bindingPath = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings';
const webhookPath = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
const name = 'frozen-settings';
const webhookName = 'settings.example.org';
const inForceWithinMs = 60_000;

const configMaps = {
  apiGroups: [''],
  apiVersions: ['v1'],
  operations: ['CREATE', 'UPDATE'],
  resources: ['configmaps'],
};

/** What the policy says of an object that it refuses. */
export const frozen = 'this object is frozen until the audit is over';

function selecting(namespace: string) {
  return { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
}

/** Has the API server refuse one ConfigMap of a namespace; resolves when it does. */
export async function denyObject(admin: AdminClient, namespace: string, denied: string): Promise<void> {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  await admin.json('POST', policyPath, {
    ...{ apiVersion, kind: 'ValidatingAdmissionPolicy', metadata: { name } },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: { namespaceSelector: selecting(namespace), resourceRules: [configMaps] },
      validations: [{ expression: `object.metadata.name != "${denied}"`, message: frozen }],
    },
  });
  await admin.json('POST', bindingPath, {
    ...{ apiVersion, kind: 'ValidatingAdmissionPolicyBinding', metadata: { name } },
    spec: { policyName: name, validationActions: ['Deny'] },
  });
  await untilDecided(admin, { namespace, object: denied, isRefused: true });
}

/** Takes the policy away; resolves when it is out of force. */
export async function allowObject(admin: AdminClient, namespace: string, denied: string): Promise<void> {
  await admin.json('DELETE', `${bindingPath}/${name}`);
  await admin.json('DELETE', `${policyPath}/${name}`);
  await untilDecided(admin, { namespace, object: denied, isRefused: false });
}

/** Has every ConfigMap of a namespace judged by a webhook that nobody answers; resolves when it is so. */
export async function callDeadWebhook(admin: AdminClient, namespace: string, object: string): Promise<void> {
  await admin.json('POST', webhookPath, {
    ...{ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration' },
    metadata: { name: webhookName },
    webhooks: [
      {
        ...{ name: webhookName, failurePolicy: 'Fail', sideEffects: 'None', timeoutSeconds: 1 },
        admissionReviewVersions: ['v1'],
        // The discard port: nothing listens there.
        clientConfig: { url: 'https://127.0.0.1:9/' },
        namespaceSelector: selecting(namespace),
        rules: [configMaps],
      },
    ],
  });
  await untilDecided(admin, { namespace, object, isRefused: true });
}

/** Takes the webhook away; resolves when it is not asked any more. */
export async function forgetWebhook(admin: AdminClient, namespace: string, object: string): Promise<void> {
  await admin.json('DELETE', `${webhookPath}/${webhookName}`);
  await untilDecided(admin, { namespace, object, isRefused: false });
}

/** The server learns of such configurations by a watch of its own. */
async function untilDecided(
  admin: AdminClient,
  wanted: { readonly namespace: string; readonly object: string; readonly isRefused: boolean },
): Promise<void> {
  const path = `/api/v1/namespaces/${wanted.namespace}/configmaps/${wanted.object}?dryRun=All`;
  const patch = { metadata: { annotations: { 'example.org/asked': 'yes' } } };
  const headers = { 'content-type': 'application/merge-patch+json' };
  const isSo = async () => {
    const { status } = await admin.send('PATCH', path, patch, headers);
    return status >= 400 === wanted.isRefused;
  };
  await waitFor(`admission of ${path}`, isSo, { withinMs: inForceWithinMs, everyMs: 100 });
}
