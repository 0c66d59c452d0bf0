import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type * as z from 'zod';
import { isToolId } from '../../core/ids.ts';
import { isModuleFolder } from '../../lock/module-folder.ts';
import type { Provider } from '../contract/provider.ts';
import type { StageData } from '../contract/stage.ts';
import { isWhole, MODULES, type Scanner } from './scanner.ts';

/** What no scanner's folder may lack; a folder that does is named, and nothing is generated. */
export function checkFolder(folder: string, id: string): string[] {
  const problems: string[] = [];
  if (!isToolId(id))
    problems.push(`${JSON.stringify(id)} is no tool id: lower-case letters, digits and hyphens`);
  for (const file of Object.keys(MODULES))
    if (!existsSync(join(folder, file))) problems.push(`it has no ${file}`);
  return problems;
}

/** What is wrong with a scanner's declaration. */
export function checkScanner(id: string, scanner: Partial<Scanner>): string[] {
  if (!isWhole(scanner))
    return Object.entries(MODULES).flatMap(([file, names]) =>
      names.filter((name) => scanner[name] === undefined).map((name) => `${file} exports no \`${name}\``),
    );
  const { stage, options } = scanner;
  const problems: string[] = [];
  if (stage.id !== id) problems.push(`stage.ts declares the id ${stage.id}`);
  problems.push(...badOutputs(stage), ...badFaults(stage), ...badOptions(options));
  if (stage.providers.length === 0) problems.push('no provider: there is no way to get it');
  for (const name of repeated(stage.providers.map((provider) => provider.name)))
    problems.push(`two providers are called ${name}`);
  for (const provider of stage.providers) problems.push(...badModule(provider));
  for (const { name, kind, sourceBuilds = [] } of stage.providers) {
    if (kind !== 'pypi' && sourceBuilds.length > 0)
      problems.push(`provider ${name} has sourceBuilds, which are PyPI's`);
    for (const built of sourceBuilds.filter((item) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(item)))
      problems.push(`sourceBuilds of ${name}: ${built} is no normalised name (PEP 503)`);
  }
  for (const key of Object.keys(stage.severities))
    if (key !== key.toLowerCase()) problems.push(`severity ${key} is not in lower case`);
  const rated = Object.values(stage.severities);
  if (rated.length > 1 && rated.every((severity) => severity === 'critical'))
    problems.push('every severity is critical');
  return problems;
}

/** Cases that every folder has once its tool was recorded; recording needs the registry first. */
export function missingCases(folder: string, { kind }: StageData): string[] {
  const needed = kind === 'scan' ? ['clean', 'findings', 'malformed'] : ['clean', 'malformed'];
  return needed
    .filter((name) => !existsSync(join(folder, 'cases', name, 'case.json')))
    .map((name) => `no case ${name}`);
}

function badModule({ name, kind, bin, fromModule, keep = [] }: Provider): string[] {
  if (fromModule && kind !== 'go') return [`provider ${name}: fromModule goes with kind go only`];
  if (!fromModule && keep.length > 0) return [`provider ${name}: keep goes with fromModule only`];
  return keep
    .filter((folder) => !isModuleFolder(folder) || folder.split('/')[0] === bin)
    .map((folder) => `provider ${name}: ${folder} cannot be kept beside the program`);
}

function badOutputs({ userDefined, outputs }: StageData): string[] {
  const problems = repeated(outputs.map(({ name }) => name)).map((name) => `two outputs are called ${name}`);
  // The manifest says which of the reports it leaves: that one must be there.
  if (userDefined) return problems;
  if (outputs.length === 0) problems.push('no output: nothing would prove that it ran');
  else if (outputs.every(({ required, mayBeEmpty }) => required === false || mayBeEmpty === true))
    problems.push('no output must be there and hold something: nothing would prove that it ran');
  return problems;
}

function badFaults({ faults }: StageData): string[] {
  return faults.flatMap(({ pattern }) => {
    try {
      return new RegExp(pattern, 'u').test('') ? [`the fault text ${pattern} hits an empty line`] : [];
    } catch (error) {
      return [`the fault text ${pattern} is no regular expression: ${String(error)}`];
    }
  });
}

/**
 * Planning makes the options of the manifest's and of the defaults, without zod, which would only give what the
 * manifest's schema has checked already. So nothing here may change a value, check what a JSON Schema cannot say, or
 * have a default anywhere but on the first level.
 */
function badOptions(options: z.ZodType): string[] {
  const problems: string[] = [];
  const visit = (schema: z.core.$ZodType, path: string): void => {
    const def = schema._zod.def as z.core.$ZodTypes['_zod']['def'];
    const checks = (def.checks ?? []).map((check) => check._zod.def.check);
    if (def.type === 'string' && 'format' in def && def.format !== 'regex')
      problems.push(`its option ${path} has the format ${def.format}: say it as a regular expression`);
    if (checks.some((check) => check === 'overwrite' || check === 'custom') || 'coerce' in def)
      problems.push(`its option ${path} is changed, or checked by code`);
    switch (def.type) {
      case 'object':
        if (path !== '' && def.catchall?._zod.def.type !== 'never')
          problems.push(`its option ${path} is no z.strictObject`);
        for (const [key, member] of Object.entries(def.shape)) visit(member, `${path}/${key}`);
        return;
      case 'default':
        if (path.split('/').length > 2) problems.push(`its option ${path} has a default`);
        visit(def.innerType, path);
        return;
      case 'optional':
        visit(def.innerType, path);
        return;
      case 'array':
        visit(def.element, `${path}/*`);
        return;
      case 'record':
        visit(def.valueType, `${path}/*`);
        return;
      case 'union':
        for (const option of def.options) visit(option, path);
        return;
      case 'string':
      case 'number':
      case 'boolean':
      case 'enum':
      case 'literal':
        return;
      default:
        problems.push(`its option ${path} is a z.${def.type}, which planning does not know`);
    }
  };
  visit(options, '');
  return problems;
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
