import type { Json } from '@flotilla/shared/base';
import { apiVersion, type ItemKind } from '@flotilla/shared/model';
import type { Route } from './route.ts';
import { routes } from './routes/index.ts';
import {
  clusterRemovedSchema,
  describedSchema,
  epochConfirmedSchema,
  errorSchema,
  eventsQuerySchema,
  explanationSchema,
  fleetStatusSchema,
  hubFactsSchema,
  itemSchemas,
  joinTokenSchema,
  listKinds,
  listSchema,
  planSchema,
  rolloutOperatedSchema,
  sourceAcceptedSchema,
  versionSchema,
  z,
} from './schema/index.ts';

/** What the API's paths begin with. */
export const apiPrefix = '/api/v1';

type JsonObject = { readonly [key: string]: Json | undefined };

/** The API as an OpenAPI 3.1 document; the same bytes on every machine, committed as hub/openapi.json. */
export function openApiDocument(): JsonObject {
  const paths: Record<string, Record<string, Json>> = {};
  for (const one of routes) {
    const path = apiPrefix + one.path;
    paths[path] = { ...paths[path], [one.method.toLowerCase()]: operationOf(one) };
  }
  paths[`${apiPrefix}/events`] = { get: eventsOperation() };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Flotilla hub',
      version: apiVersion,
      description:
        'Lists, documents and actions of one fleet. All times are milliseconds since 1970 by the clock of the hub. ' +
        'Readers ignore fields that they do not know. The header flotilla-as-of says when an answer was true.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'http://127.0.0.1:7440' }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'The text of admin-token in the data folder.' },
      },
      schemas: schemasOf(),
    },
  };
}

function operationOf(route: Route): Json {
  const params = [...route.path.matchAll(/\{([a-z]+)\}/g)].map(([, name]) => ({
    name: name ?? '',
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  return {
    operationId: route.id,
    summary: route.summary,
    parameters: [...params, ...(route.query ? queryParameters(route.query) : [])],
    ...(route.body && {
      requestBody: { required: true, content: { 'application/json': { schema: inputSchema(route.body) } } },
    }),
    responses: {
      [String(route.status)]: {
        description: 'Done.',
        content: { 'application/json': { schema: { $ref: `#/components/schemas/${route.answer}` } } },
      },
      default: errorAnswer,
    },
  };
}

const errorAnswer: Json = {
  description: 'Not done; the body says why, what still holds, and what to do.',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
};

function eventsOperation(): Json {
  return {
    operationId: 'followEvents',
    summary: 'Server-sent events: a snapshot, then what changes, collected for 250 ms.',
    description:
      'Messages: `snapshot` {kind, asOfMs, items}; `synced` {sequence, asOfMs, facts?} ends the snapshot; ' +
      '`delta` {sequence, asOfMs, isComplete, changed[], gone[{kind, name}], facts?}; ' +
      '`lagged` {since, behindMs, text}: the reader was too slow and got only the newest states; ' +
      '`reset` {reason}: forget everything, a snapshot follows; `closing`: connect again. ' +
      'The id of a message is the sequence to resume from, by `since` or Last-Event-ID.',
    parameters: [
      ...queryParameters(eventsQuerySchema),
      { name: 'last-event-id', in: 'header', required: false, schema: { type: 'string' } },
    ],
    responses: {
      200: { description: 'The stream.', content: { 'text/event-stream': { schema: { type: 'string' } } } },
      default: errorAnswer,
    },
  };
}

function queryParameters(schema: z.ZodObject): readonly Json[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = typeof property === 'boolean' ? {} : property;
    return {
      name,
      in: 'query',
      required: required.includes(name),
      ...(description !== undefined && { description }),
      schema: asJson(rest),
    };
  });
}

function inputSchema(schema: z.ZodObject): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return asJson(rest);
}

/** Schemas of the answers by name; they refer to each other. */
function schemasOf(): { readonly [name: string]: Json } {
  const named = z.registry<{ readonly id: string }>();
  const itemNames: { readonly [Kind in ItemKind]: string } = {
    clusters: 'Cluster',
    placements: 'Placement',
    assignments: 'Assignment',
    rollouts: 'Rollout',
  };
  for (const kind of ['clusters', 'placements', 'assignments', 'rollouts'] as const) {
    named.add(itemSchemas[kind], { id: itemNames[kind] });
    named.add(listSchema(kind), { id: listKinds[kind] });
    named.add(describedSchema(kind), { id: `Described${itemNames[kind]}` });
  }
  named.add(explanationSchema, { id: 'Explanation' });
  named.add(planSchema, { id: 'Plan' });
  named.add(fleetStatusSchema, { id: 'FleetStatus' });
  named.add(hubFactsSchema, { id: 'HubFacts' });
  named.add(versionSchema, { id: 'Version' });
  named.add(joinTokenSchema, { id: 'JoinToken' });
  named.add(clusterRemovedSchema, { id: 'ClusterRemoved' });
  named.add(sourceAcceptedSchema, { id: 'SourceAccepted' });
  named.add(epochConfirmedSchema, { id: 'EpochConfirmed' });
  named.add(rolloutOperatedSchema, { id: 'RolloutOperated' });
  named.add(errorSchema, { id: 'Error' });
  const { schemas } = z.toJSONSchema(named, {
    uri: (id) => `#/components/schemas/${id}`,
    // Answers may gain fields: a reader that refuses unknown ones would break.
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _, $id: __, ...schema }]) => [name, asJson(schema)]),
  );
}

/** The library's schema objects are plain JSON with hidden members; only what is written out counts. */
function asJson(value: object): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
