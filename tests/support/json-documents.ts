import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';

const FOLDER = new URL('../../schema/', import.meta.url).pathname;

/** The schemas of the package's own documents, each able to name another by its id. */
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.schema.json'))) {
  const schema = JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));
  if (typeof schema.$id === 'string' && schema.$schema === 'https://json-schema.org/draft/2020-12/schema')
    ajv.addSchema(schema);
}

/** What is wrong with a document by the schema that its own `schema` member names; nothing where it holds. */
export function documentFaults(document: unknown): readonly string[] {
  const { schema } = document as { readonly schema?: unknown };
  if (typeof schema !== 'string') return ['it names no schema'];
  const validate = ajv.getSchema(schema);
  if (validate === undefined) return [`no schema ${schema}`];
  if (validate(document)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
