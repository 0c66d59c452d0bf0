import { isDeepStrictEqual } from 'node:util';
import type { OpensearchSpec } from '../../compiler/model/delivery-model.ts';
import type { BundleContent } from '../../evidence/bundle/read-bundle.ts';
import { DeliveryError } from '../shared/delivery-error.ts';
import type { DeliveryContext } from '../shared/delivery-types.ts';
import type { Delivered } from '../shared/receiver-report.ts';
import { redactedDeep } from '../shared/redacted-deep.ts';
import { indexTemplate, RUN_MAPPING, TEMPLATE_VERSION, templateName } from './index-template.ts';
import { jsonOf, type OpensearchClient, opensearchClient, opensearchProblem } from './opensearch-client.ts';
import { type RunDocument, runDocument } from './run-document.ts';

/** What the environment of a delivery says, not the bundle: a later delivery may know more or less. */
const OF_ENVIRONMENT: ReadonlySet<string> = new Set(['ref', 'repository']);

/**
 * Puts a run into its index as one document whose id is the bundle's. Nothing is overwritten: the document of the same
 * bundle is as good as put, another one under this id is an error.
 */
export async function deliverOpensearch(
  spec: OpensearchSpec,
  content: BundleContent,
  includePrivacy: boolean,
  context: DeliveryContext,
): Promise<Delivered> {
  const { bundle, bundleId, git, redactor } = context;
  const client = opensearchClient(spec, context);
  const bundleDigest = bundle.files.at(-1)?.sha256 ?? '';
  const document = redactedDeep(runDocument({ content, bundleDigest, git, includePrivacy }), (text) =>
    redactor.text(text),
  ) as RunDocument;
  const index = encodeURIComponent(spec.index);
  const limits = await keepTemplate(client, spec.index);
  const id = encodeURIComponent(bundleId);
  const answer = await client('PUT', `/${index}/_create/${id}`, document);
  const there = answer.status === 409;
  if (there) await assertSame(client, `/${index}/_doc/${id}`, document, bundleId);
  else if (answer.status !== 201) throw opensearchProblem(`the run was not written to ${spec.index}`, answer);
  return {
    detail: `the run to ${spec.index}/${bundleId}${there ? ', which already had it' : ''}`,
    links: [],
    limits,
  };
}

/**
 * Puts the index template where there is none, or one of an older version. An account that may not is no reason to keep
 * the run back: without the template an index guesses what its fields are. Gives what there is to say of that.
 */
async function keepTemplate(client: OpensearchClient, index: string): Promise<readonly string[]> {
  const path = `/_index_template/${encodeURIComponent(templateName(index))}`;
  const found = await client('GET', path);
  if (found.status === 200) {
    const version = versionIn(jsonOf(found));
    if (version !== undefined && version >= TEMPLATE_VERSION) return [];
  } else if (found.status === 401) throw opensearchProblem('the credentials were rejected', found);
  else if (found.status !== 404) return [lacking(index, opensearchProblem('reading it', found))];
  const put = await client('PUT', path, indexTemplate(index));
  if (put.status === 401) throw opensearchProblem('the credentials were rejected', put);
  if (put.status !== 200) return [lacking(index, opensearchProblem('putting it', put))];
  // A template is for indices to come; an existing index gets the new fields.
  const mapped = await client('PUT', `/${encodeURIComponent(index)}/_mapping`, RUN_MAPPING);
  if (mapped.status === 200 || mapped.status === 404) return [];
  const why = opensearchProblem('mapping it', mapped).message;
  return [`the index ${index} already exists with other field types: ${why}`];
}

function lacking(index: string, { message }: Error): string {
  return `the index template ${templateName(index)} could not be stored (${message}): without it OpenSearch guesses field types`;
}

function versionIn({ index_templates: templates }: Readonly<Record<string, unknown>>): number | undefined {
  const first = (Array.isArray(templates) ? templates[0] : undefined) as
    | { readonly index_template?: { readonly version?: unknown } }
    | undefined;
  const version = first?.index_template?.version;
  return typeof version === 'number' ? version : undefined;
}

/** What is under the id already must be the document of this very bundle, as this or another version of secplan writes it. */
async function assertSame(
  client: OpensearchClient,
  path: string,
  document: RunDocument,
  id: string,
): Promise<void> {
  const answer = await client('GET', path);
  if (answer.status !== 200) throw opensearchProblem(`${id} already exists and cannot be compared`, answer);
  const { _source: source } = jsonOf(answer);
  const there = (typeof source === 'object' && source !== null ? source : {}) as RunDocument;
  const same = Object.keys(document).every(
    (name) =>
      OF_ENVIRONMENT.has(name) || !(name in there) || isDeepStrictEqual(there[name], plain(document[name])),
  );
  if (same && there.bundleDigest === document.bundleDigest) return;
  throw new DeliveryError(`a different document already has the id ${id}; it was not overwritten`);
}

/** As it comes back from a cluster. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
