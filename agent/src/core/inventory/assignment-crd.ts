import type { KubeObject } from '@flotilla/shared/model';
import { applySet } from './applyset.ts';
import { assignmentCrdName, assignmentKind, assignmentVersion, flotillaGroup } from './names.ts';

const text = (description: string) => ({ type: 'string', description });
const generation = (description: string) => ({ type: 'integer', format: 'int64', description });
const column = (name: string, jsonPath: string, more: object = {}) => ({
  name,
  type: 'string',
  jsonPath,
  ...more,
});

const condition = {
  type: 'object',
  required: ['type', 'status', 'reason', 'lastTransitionTime'],
  properties: {
    type: { type: 'string' },
    status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
    reason: { type: 'string' },
    message: { type: 'string' },
    observedGeneration: { type: 'integer', format: 'int64' },
    lastTransitionTime: { type: 'string', format: 'date-time' },
  },
};

const schema = {
  description:
    'What one placement puts on this cluster. Written by the Flotilla agent; editing it has no effect.',
  type: 'object',
  properties: {
    spec: {
      description: 'Where the members come from.',
      type: 'object',
      properties: {
        version: text('Version (epoch.seq) of the row that wrote the members last.'),
        cause: text('Commit or decision that made the row.'),
        repository: text('URL of the Git repository.'),
        path: text('Folder in the repository; empty is its root.'),
        commit: text('Commit of the content.'),
      },
    },
    status: {
      description: 'How the assignment is.',
      type: 'object',
      properties: {
        observedGeneration: generation('metadata.generation that the status speaks of.'),
        state: text('Ready, Progressing, Degraded, Stalled, Suspended, Removing or Removed.'),
        reason: text('Machine-readable reason; empty when Ready.'),
        message: text("The reason's sentence."),
        objects: text('Healthy and wanted objects, such as 4/5.'),
        commit: text('Commit whose content is applied, shortened to 12 characters.'),
        conditions: {
          description: 'Ready, Reconciling and Stalled, as kstatus reads them.',
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['type'],
          items: condition,
        },
      },
    },
  },
};

/**
 * The definition of the assignment object, for a cluster that lacks it. The same as deploy/agent/base/crd.yaml, which people
 * install from; a test holds them together.
 */
export const assignmentCrd: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: assignmentCrdName, labels: { [applySet.parentTypeLabel]: 'true' } },
  spec: {
    group: flotillaGroup,
    scope: 'Cluster',
    names: {
      kind: assignmentKind,
      listKind: `${assignmentKind}List`,
      plural: 'assignments',
      singular: 'assignment',
      shortNames: ['fla'],
      categories: ['flotilla'],
    },
    versions: [
      {
        name: assignmentVersion,
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: [
          column('State', '.status.state'),
          column('Objects', '.status.objects'),
          column('Commit', '.status.commit'),
          column('Reason', '.status.reason'),
          column('Age', '.metadata.creationTimestamp', { type: 'date' }),
          column('Path', '.spec.path', { priority: 1 }),
          column('Message', '.status.message', { priority: 1 }),
        ],
        schema: { openAPIV3Schema: schema },
      },
    ],
  },
};
