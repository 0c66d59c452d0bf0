/**
 * What the requests and answers of the endpoints that a delivery uses look like: facts taken from OpenSearch's API
 * specification (opensearch-project/opensearch-api-specification, commit fbe9edebac41 of 2026-08-21, OpenAPI 3.1). Requests are
 * closed here (nothing else is taken), as a cluster refuses what it does not know.
 */
const text = { type: 'string' } as const;
const integer = { type: 'integer' } as const;
const boolean = { type: 'boolean' } as const;

type Schema = Readonly<Record<string, unknown>>;
const closed = (properties: Readonly<Record<string, unknown>>, required: readonly string[] = []): Schema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
});
const holding = (properties: Readonly<Record<string, unknown>>): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
});

const property = { $ref: '#/$defs/property' };
const ofType = (type: string, more: Readonly<Record<string, unknown>> = {}): Schema =>
  closed({ type: { const: type }, ...more }, ['type']);
const indexed = { index: boolean, doc_values: boolean, store: boolean };

/** Property of `_common.mapping.yaml`, the kinds in use; one without a type is an object. */
const $defs = {
  property: {
    anyOf: [
      ofType('keyword', { ignore_above: integer, null_value: text, norms: boolean, ...indexed }),
      ofType('text', { index: boolean, norms: boolean, analyzer: text, store: boolean }),
      ofType('boolean', { null_value: boolean, ...indexed }),
      ofType('date', { format: text, ignore_malformed: boolean, ...indexed }),
      ...['integer', 'long'].map((kind) =>
        ofType(kind, { coerce: boolean, ignore_malformed: boolean, ...indexed }),
      ),
      ofType('nested', {
        properties: { type: 'object', additionalProperties: property },
        dynamic: { type: ['boolean', 'string'] },
        include_in_parent: boolean,
        include_in_root: boolean,
      }),
      closed({ properties: { type: 'object', additionalProperties: property }, enabled: boolean }, [
        'properties',
      ]),
    ],
  },
} as const;

const mapping = closed({
  dynamic: { anyOf: [boolean, { enum: ['true', 'false', 'strict', 'strict_allow_templates'] }] },
  date_detection: boolean,
  numeric_detection: boolean,
  _meta: { type: 'object' },
  properties: { type: 'object', additionalProperties: property },
});

const template = closed(
  {
    index_patterns: { anyOf: [text, { type: 'array', items: text }] },
    composed_of: { type: 'array', items: text },
    template: closed({ aliases: { type: 'object' }, mappings: mapping, settings: { type: 'object' } }),
    data_stream: { type: 'object' },
    priority: integer,
    version: integer,
    _meta: { type: 'object' },
  },
  // IndexTemplate of indices._common.yaml.
  ['index_patterns'],
);

const waiting = ['cluster_manager_timeout', 'master_timeout'];

export interface Operation {
  readonly method: string;
  readonly path: RegExp;
  readonly query: readonly string[];
  /** Of the request's body; absent where it has none. */
  readonly body?: Schema;
  /** Of the answer's body, by status. */
  readonly answers: Readonly<Record<number, Schema>>;
}

const error = holding({ error: holding({ type: text, reason: text }), status: integer });
const acknowledged = holding({ acknowledged: boolean });

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  'indices.get_index_template': {
    method: 'GET',
    path: /^\/_index_template\/([^/?]+)$/,
    query: ['flat_settings', 'local', ...waiting],
    answers: {
      200: holding({
        index_templates: { type: 'array', items: holding({ name: text, index_template: {} }) },
      }),
      404: error,
    },
  },
  'indices.put_index_template': {
    method: 'PUT',
    path: /^\/_index_template\/([^/?]+)$/,
    query: ['cause', 'create', ...waiting],
    body: { ...template, $defs },
    answers: { 200: acknowledged, 400: error },
  },
  'indices.put_mapping': {
    method: 'PUT',
    path: /^\/([^/_?][^/?]*)\/_mapping$/,
    query: [
      'allow_no_indices',
      'expand_wildcards',
      'ignore_unavailable',
      'timeout',
      'write_index_only',
      ...waiting,
    ],
    body: { ...mapping, $defs },
    answers: { 200: acknowledged, 400: error, 404: error },
  },
  create: {
    method: 'PUT',
    path: /^\/([^/_?][^/?]*)\/_create\/([^/?]+)$/,
    query: ['pipeline', 'refresh', 'routing', 'timeout', 'version', 'version_type', 'wait_for_active_shards'],
    body: { type: 'object' },
    answers: {
      201: holding({
        _id: text,
        _index: text,
        _primary_term: integer,
        _seq_no: integer,
        _shards: { type: 'object' },
        _version: integer,
        result: { enum: ['created', 'deleted', 'noop', 'not_found', 'updated'] },
      }),
      400: error,
      409: error,
    },
  },
  get: {
    method: 'GET',
    path: /^\/([^/_?][^/?]*)\/_doc\/([^/?]+)$/,
    query: [
      '_source',
      '_source_excludes',
      '_source_includes',
      'preference',
      'realtime',
      'refresh',
      'routing',
    ],
    answers: {
      200: holding({ _id: text, _index: text, found: boolean }),
      404: { type: 'object' },
    },
  },
};
