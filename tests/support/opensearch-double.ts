import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Received, Reply } from './delivery-rig.ts';
import { OPERATIONS, type Operation } from './opensearch-api.ts';

interface Checked extends Operation {
  readonly name: string;
  readonly checkBody: ValidateFunction | undefined;
  readonly checkAnswer: Readonly<Record<number, ValidateFunction>>;
}

/**
 * A cluster as far as a delivery uses one. It takes only what OpenSearch's published API description takes: all else is
 * answered 400 and stands in `refused`; so does its own answer that the description does not have.
 */
export function opensearchDouble() {
  const ajv = new Ajv2020({ strict: false });
  const operations = Object.entries(OPERATIONS).map(
    ([name, one]): Checked => ({
      ...one,
      name,
      checkBody: one.body === undefined ? undefined : ajv.compile(one.body),
      checkAnswer: Object.fromEntries(
        Object.entries(one.answers).map(([status, schema]) => [status, ajv.compile(schema)]),
      ),
    }),
  );
  const templates = new Map<string, Record<string, unknown>>();
  const documents = new Map<string, unknown>();
  const refused: string[] = [];

  const problem = (status: number, type: string, reason: string) => ({
    status,
    body: { error: { root_cause: [{ type, reason }], type, reason }, status },
  });

  function act(name: string, [first = '', second = '']: readonly string[], body: unknown) {
    const key = `${first}/${second}`;
    switch (name) {
      case 'indices.get_index_template': {
        const template = templates.get(first);
        return template === undefined
          ? problem(404, 'resource_not_found_exception', `index template matching [${first}] not found`)
          : { status: 200, body: { index_templates: [{ name: first, index_template: template }] } };
      }
      case 'indices.put_index_template':
        templates.set(first, body as Record<string, unknown>);
        return { status: 200, body: { acknowledged: true } };
      case 'indices.put_mapping':
        return [...documents.keys()].some((one) => one.startsWith(`${first}/`))
          ? { status: 200, body: { acknowledged: true } }
          : problem(404, 'index_not_found_exception', `no such index [${first}]`);
      case 'create':
        if (documents.has(key))
          return problem(409, 'version_conflict_engine_exception', `[${second}]: document already exists`);
        documents.set(key, body);
        return {
          status: 201,
          body: {
            _index: first,
            _id: second,
            _version: 1,
            result: 'created',
            _shards: { total: 2, successful: 1, failed: 0 },
            _seq_no: documents.size - 1,
            _primary_term: 1,
          },
        };
      case 'get':
        return documents.has(key)
          ? { status: 200, body: { _index: first, _id: second, found: true, _source: documents.get(key) } }
          : { status: 404, body: { _index: first, _id: second, found: false } };
      default:
        throw new Error(name);
    }
  }

  function answer({ method, url, headers, body }: Received): Reply {
    const { pathname, searchParams } = new URL(url, 'http://double');
    const refuse = (why: string): Reply => {
      refused.push(`${method} ${url}: ${why}`);
      const { status, body: said } = problem(400, 'illegal_argument_exception', why);
      return { status, body: JSON.stringify(said) };
    };
    const operation = operations.find((one) => one.method === method && one.path.test(pathname));
    if (operation === undefined) return refuse('no operation of this method and path');
    for (const name of searchParams.keys())
      if (!operation.query.includes(name)) return refuse(`unrecognized parameter: [${name}]`);
    let value: unknown;
    if (operation.checkBody === undefined) {
      if (body.length > 0) return refuse('this operation has no body');
    } else {
      if (!headers['content-type']?.startsWith('application/json'))
        return refuse('Content-Type header is not supported');
      try {
        value = JSON.parse(body.toString('utf8'));
      } catch {
        return refuse('the body is no JSON');
      }
      if (!operation.checkBody(value)) return refuse(ajv.errorsText(operation.checkBody.errors));
    }
    const names = operation.path.exec(pathname)?.slice(1).map(decodeURIComponent) ?? [];
    const acted = act(operation.name, names, value);
    const check = operation.checkAnswer[acted.status];
    if (check === undefined || !check(acted.body))
      refused.push(`${operation.name}: an answer that it does not have`);
    return {
      status: acted.status,
      headers: { 'content-type': 'application/json; charset=UTF-8' },
      body: JSON.stringify(acted.body),
    };
  }

  return { answer, templates, documents, refused };
}
