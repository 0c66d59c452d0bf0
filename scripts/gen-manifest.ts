import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';
import { compile } from 'json-schema-to-typescript';

interface Schema {
  [key: string]: unknown;
}

const ROOT = new URL('../', import.meta.url);
const POLICY_FILE_ID = 'https://secplan.dev/schema/policy-file/v1';

/** Everything that is made from the manifest's schema, by path below the package's root. */
export async function generateManifest(): Promise<Readonly<Record<string, string>>> {
  const schema = readSchema('schema/manifest.schema.json');
  const complete = withOptions(schema, readSchema('schema/options.gen.json'));
  return {
    'src/compiler/manifest.gen.ts': await manifestTypes(schema),
    'src/compiler/validate/validate.gen.js': await validator(complete),
    'src/compiler/validate/validate.gen.d.ts': VALIDATOR_TYPES,
  };
}

function readSchema(path: string): Schema {
  try {
    return JSON.parse(readFileSync(new URL(path, ROOT), 'utf8')) as Schema;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && path.endsWith('.gen.json')) return {};
    throw error;
  }
}

/** The manifest's schema with every scanner's own options in place of the open object. */
export function withOptions(schema: Schema, options: Schema): Schema {
  const whole = structuredClone(schema);
  const defs = whole.$defs as Record<string, Schema>;
  defs.options = options;
  const ids = Object.keys(options).sort();
  const byId = (wrap: (ref: Schema) => Schema) =>
    Object.fromEntries(ids.map((id) => [id, wrap({ $ref: `#/$defs/options/${id}` })]));
  const tools = defs.tools as { properties: Schema };
  Object.assign(
    tools.properties,
    byId((ref) => ({ $ref: '#/$defs/tool', properties: { options: ref } })),
  );
  const profile = defs.profile as { properties: { tools: { properties: { options: Schema } } } };
  profile.properties.tools.properties.options.properties = byId((ref) => ref);
  return whole;
}

async function manifestTypes(schema: Schema): Promise<string> {
  const forTypes = structuredClone(schema);
  simplify(forTypes);
  const defs = forTypes.$defs as Record<string, Schema>;
  delete defs.options;
  // An index signature must admit `custom` too; compiler/tools.ts takes the two apart.
  defs.tools = {
    description: (defs.tools as Schema).description,
    tsType:
      '{ custom?: { [id: string]: CustomTool }; [id: string]: Tool | { [id: string]: CustomTool } | undefined }',
  };
  // Named here, because nothing that is left refers to them.
  forTypes.properties = {
    ...(forTypes.properties as Schema),
    __tool: { $ref: '#/$defs/tool' },
    __custom: { $ref: '#/$defs/customTool' },
    __policyFile: { $ref: '#/$defs/policyFile' },
  };
  const source = await compile(forTypes as never, 'Manifest', {
    bannerComment: '// Generated from schema/manifest.schema.json by scripts/gen-manifest.ts. Do not edit.',
    additionalProperties: false,
    unknownAny: true,
    style: { singleQuote: true, printWidth: 110 },
  });
  return source.replace(/^ {2}__(tool|custom|policyFile)\?: \w+;\n/gm, '');
}

/** Takes out what only validation needs and what would blur the types: choices of `required`, and key patterns. */
function simplify(node: unknown): void {
  if (Array.isArray(node)) {
    for (const item of node) simplify(item);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  const schema = node as Schema;
  delete schema.propertyNames;
  delete schema.minItems;
  delete schema.maxItems;
  // A description beside a reference would make a separate type.
  if (schema.$ref !== undefined) delete schema.description;
  for (const choice of ['oneOf', 'anyOf']) {
    const branches = schema[choice];
    if (Array.isArray(branches) && branches.every(isRequiredOnly)) delete schema[choice];
  }
  for (const child of Object.values(schema)) simplify(child);
}

function isRequiredOnly(branch: unknown): boolean {
  return typeof branch === 'object' && branch !== null && Object.keys(branch).join() === 'required';
}

async function validator(schema: Schema): Promise<string> {
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    strictRequired: false,
    strictTypes: false,
    // There are none: a format would need code to check it (src/stages/kit/check-scanner.ts).
    validateFormats: false,
    // Longer definitions have their own functions: of seventy scanners' options those are compiled that a manifest sets.
    inlineRefs: 8,
    code: { source: true, esm: true, lines: false },
  });
  ajv.addSchema(schema);
  ajv.addSchema({ $id: POLICY_FILE_ID, $ref: `${String(schema.$id)}#/$defs/policyFile` });
  const code = standalone.default(ajv, {
    validateManifest: String(schema.$id),
    validatePolicyFile: POLICY_FILE_ID,
  });
  // Of the whole, which stands there once more, only this is looked at.
  const whole = JSON.stringify(schema);
  const [before = '', after, ...more] = code.split(whole);
  if (after === undefined || more.length > 0)
    throw new Error('the validator holds its schema otherwise than once');
  const properties = Object.entries(schema.properties as Record<string, Schema>);
  const looked = properties.map(([key, { enum: values }]) => [
    key,
    values === undefined ? {} : { enum: values },
  ]);
  const slim = before + JSON.stringify({ properties: Object.fromEntries(looked) }) + after;
  // As text: only an invalid manifest pays for parsing it.
  const table = `export const schemaText = ${JSON.stringify(JSON.stringify(schema))};\n`;
  const bundle = await build({
    stdin: { contents: slim + table, resolveDir: fileURLToPath(ROOT), loader: 'js' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    minify: true,
    legalComments: 'none',
    banner: { js: '// Generated from schema/manifest.schema.json by scripts/gen-manifest.ts. Do not edit.' },
  });
  return bundle.outputFiles[0]?.text ?? '';
}

const VALIDATOR_TYPES = `// Generated from schema/manifest.schema.json by scripts/gen-manifest.ts. Do not edit.
export interface SchemaError {
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly propertyName?: string;
  readonly message?: string;
}
export interface Validator {
  (value: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}
export declare const validateManifest: Validator;
export declare const validatePolicyFile: Validator;
/** The schema that was compiled, as JSON. */
export declare const schemaText: string;
`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const check = process.argv.includes('--check');
  for (const [path, content] of Object.entries(await generateManifest())) {
    const file = new URL(path, ROOT);
    let before = '';
    try {
      before = readFileSync(file, 'utf8');
    } catch {
      // A file that is not there yet is out of date.
    }
    if (before === content) continue;
    process.stdout.write(`${check ? 'out of date' : 'written'}: ${path}\n`);
    if (check) process.exitCode = 1;
    else writeFileSync(file, content);
  }
}
