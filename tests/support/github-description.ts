import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';
import type { Received } from './delivery-rig.ts';

interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: unknown;
  readonly 'x-multi-segment'?: boolean;
}
interface Operation {
  readonly operationId: string;
  readonly servers?: readonly { readonly url: string }[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: Readonly<Record<string, { readonly schema: unknown }>>;
  };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

const description = createRequire(import.meta.url)('@octokit/openapi').schemas['api.github.com'] as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, unknown>>;
    readonly parameters: Readonly<Record<string, Parameter>>;
  };
};
const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema({ $id: 'api', components: description.components });
const validators = new Map<string, ValidateFunction>();

export interface CheckedRequest {
  /** GitHub's own name of the operation, for example `repos/upload-release-asset`; empty where there is none. */
  readonly operation: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** What GitHub's published description does not know of such a request. */
  readonly wrong: readonly string[];
}

/** Holds a request against GitHub's published OpenAPI description; `upload` says that it came to the host for files. */
export function checkRequest(request: Received, upload: boolean): CheckedRequest {
  const url = new URL(request.url, 'http://x');
  const found = operationOf(request.method.toLowerCase(), url.pathname);
  if (found === undefined)
    return { operation: '', parameters: {}, wrong: [`no operation ${request.method} ${url.pathname}`] };
  const { operation, path } = found;
  const wrong: string[] = [];
  if ((operation.servers !== undefined) !== upload)
    wrong.push(`${operation.operationId} is not asked at this host`);
  if (request.headers['x-github-api-version'] !== '2022-11-28') wrong.push('no API version');
  if (!request.headers['user-agent']) wrong.push('no user agent');
  wrong.push(...wrongAccept(operation, request.headers.accept ?? ''));
  const known = (operation.parameters ?? []).map(resolved);
  const query = Object.fromEntries(url.searchParams);
  for (const name of Object.keys(query))
    if (!known.some((one) => one.in === 'query' && one.name === name))
      wrong.push(`unknown parameter ${name}`);
  for (const one of known) {
    if (one.in === 'header') continue;
    const value = one.in === 'path' ? path[one.name] : query[one.name];
    if (value === undefined) {
      if (one.required) wrong.push(`no ${one.name}`);
    } else if (!fits(one.schema, asTyped(value))) wrong.push(`${one.name} is not ${value}`);
  }
  wrong.push(...wrongBody(operation, request));
  return { operation: operation.operationId, parameters: { ...path, ...query }, wrong };
}

/** Whether a value is of a schema of the description, by name. */
export function isOf(name: string, value: unknown): boolean {
  return fits({ $ref: `#/components/schemas/${name}` }, value);
}

function operationOf(method: string, pathname: string) {
  const parts = pathname.split('/').map(decodeURIComponent);
  let best: { operation: Operation; path: Record<string, string>; literal: number } | undefined;
  for (const [template, methods] of Object.entries(description.paths)) {
    const operation = methods[method];
    if (operation === undefined) continue;
    const wanted = template.split('/');
    const last = wanted.at(-1) ?? '';
    const parameter = (operation.parameters ?? [])
      .map(resolved)
      .find((one) => one.in === 'path' && `{${one.name}}` === last);
    const several = parameter?.['x-multi-segment'] === true;
    if (several ? parts.length < wanted.length : parts.length !== wanted.length) continue;
    const path: Record<string, string> = {};
    let literal = 0;
    const matches = wanted.every((part, index) => {
      const name = /^\{(.+)\}$/.exec(part)?.[1];
      if (name === undefined) {
        literal += 1;
        return part === parts[index];
      }
      path[name] = several && part === last ? parts.slice(index).join('/') : (parts[index] ?? '');
      return path[name] !== '';
    });
    if (matches && literal > (best?.literal ?? -1)) best = { operation, path, literal };
  }
  return best;
}

function wrongAccept({ responses }: Operation, accept: string): string[] {
  const types = Object.values(responses).flatMap(({ content }) => Object.keys(content ?? {}));
  return ['application/vnd.github+json', ...types].includes(accept) ? [] : [`accept ${accept}`];
}

function wrongBody({ requestBody }: Operation, { headers, body }: Received): string[] {
  if (requestBody === undefined) return body.length === 0 ? [] : ['a body'];
  const type = (headers['content-type'] ?? '').replace(/;.*$/, '');
  if (body.length === 0 && type === '') return requestBody.required ? ['no body'] : [];
  const content = requestBody.content[type];
  if (content === undefined) return [`a body of ${type}`];
  if (headers['content-length'] !== String(body.length)) return ['no length'];
  if (type !== 'application/json') return [];
  return fits(content.schema, JSON.parse(body.toString())) ? [] : ['another body'];
}

function resolved(parameter: Parameter): Parameter {
  const name = parameter.$ref?.replace('#/components/parameters/', '');
  return name === undefined ? parameter : (description.components.parameters[name] ?? parameter);
}

function fits(schema: unknown, value: unknown): boolean {
  const text = JSON.stringify(schema).replaceAll('"#/', '"api#/');
  const validate = validators.get(text) ?? ajv.compile(JSON.parse(text));
  validators.set(text, validate);
  return validate(value) as boolean;
}

function asTyped(value: string): unknown {
  return /^-?\d{1,15}$/.test(value) ? Number(value) : value;
}
