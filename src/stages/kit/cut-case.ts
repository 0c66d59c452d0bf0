import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Result } from '../../core/result.ts';
import type { CatalogueEntry } from '../contract/catalogue.ts';
import { type CaseFile, parseCase, type RawRun, rawOf, readCase } from './case-file.ts';

export type CutCase = Result<{ readonly source: string; readonly bytes: number }, { readonly why: string }>;

/**
 * Makes the case `malformed` of a scanner's recorded one: the same report, cut off where its reader refuses it.
 * @param folder the scanner's, absolute
 */
export async function cutCase(entry: CatalogueEntry, folder: string, name = 'malformed'): Promise<CutCase> {
  const source = ['findings', 'clean'].find((item) => existsSync(join(folder, 'cases', item, 'case.json')));
  if (source === undefined)
    return { ok: false, why: `there is no case findings or clean to cut: just record ${entry.id} findings` };
  const from = join(folder, 'cases', source);
  const given = readCase(from);
  const raw = rawOf(from, given);
  const main = entry.outputs.find((spec) => (raw.outputs[spec.name] ?? '') !== '');
  if (main === undefined) return { ok: false, why: `the case ${source} has no output with text in it` };
  const whole = raw.outputs[main.name] ?? '';
  const cut = await firstRefused(entry, given, raw, main.name);
  if (cut === undefined)
    return {
      ok: false,
      why: `report.ts takes ${main.name} of the case ${source} for complete wherever it is truncated`,
    };
  const file = `raw.${main.name}${extname(given.outputs[main.name] ?? '') || '.txt'}`;
  const made = {
    origin: 'made',
    source: `the report of ${source}, truncated after ${cut} of ${whole.length} characters`,
    provider: given.provider,
    ...(given.target === undefined ? {} : { target: given.target }),
    ...(given.artifacts === undefined ? {} : { artifacts: given.artifacts }),
    filesGiven: given.filesGiven,
    ...(Object.keys(given.options).length === 0 ? {} : { options: given.options }),
    ...(given.args.length === 0 ? {} : { args: given.args }),
    outputs: { [main.name]: file },
  };
  const to = join(folder, 'cases', name);
  mkdirSync(to, { recursive: true });
  writeFileSync(join(to, file), whole.slice(0, cut));
  writeFileSync(join(to, 'case.json'), `${JSON.stringify(made, null, 2)}\n`);
  return { ok: true, source, bytes: cut };
}

/** A cut in the middle says most; a list of lines may be whole there. */
async function firstRefused(
  entry: CatalogueEntry,
  given: CaseFile,
  raw: RawRun,
  output: string,
): Promise<number | undefined> {
  const whole = raw.outputs[output] ?? '';
  for (const share of [2, 3, 4, 8, 16]) {
    const at = Math.floor(whole.length / share);
    const cut = { outputs: { [output]: whole.slice(0, at) }, log: { stdout: '', stderr: '' } };
    if (at > 0 && !(await parseCase(entry, given, cut)).ok) return at;
  }
  return undefined;
}
