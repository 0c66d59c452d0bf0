import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { MANIFEST_NAMES } from '../../compiler/read/read.ts';
import { diagnostic } from '../../core/diagnostic.ts';
import { writeWholeFile } from '../../io/write-whole-file.ts';
import { emptyLock } from '../../lock/lock.ts';
import { readLocks } from '../../lock/read-lock.ts';
import { catalogue } from '../../stages/catalogue.gen.ts';
import { chooseTools, optIns } from '../init/choose-tools.ts';
import { lookAround } from '../init/look-around.ts';
import { type ManifestPlan, manifestCue, manifestJson, manifestYaml } from '../init/manifest-text.ts';
import type { Flags } from '../shared/command-spec.ts';
import type { Console } from '../shared/console.ts';
import { EXIT } from '../shared/exit-code.ts';
import { printable } from '../shared/paint.ts';

const WRITERS = {
  yaml: { file: 'secplan.yaml', text: manifestYaml },
  json: { file: 'secplan.json', text: manifestJson },
  cue: { file: 'secplan.cue', text: manifestCue },
} as const;

/** `secplan init`: looks at the working folder and writes a manifest for it, never over one that is there. */
export async function init(console: Console, flags: Flags): Promise<number> {
  const format = (flags.format ?? 'yaml') as keyof typeof WRITERS;
  const present = readdirSync(console.cwd).find((name) =>
    (MANIFEST_NAMES as readonly string[]).includes(name),
  );
  if (present !== undefined) return console.refuse([taken(present)]);
  const { traits, git } = lookAround(console.cwd);
  const lock = readLocks(console.cwd);
  const plan: ManifestPlan = {
    name: nameOf(typeof flags.name === 'string' ? flags.name : basename(console.cwd)),
    tools: chooseTools(traits, git, catalogue),
    optIns: optIns(catalogue, lock.ok ? lock.value : emptyLock()),
  };
  const { file, text } = WRITERS[format];
  try {
    await writeWholeFile(join(console.cwd, file), text(plan), true);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return console.refuse([taken(file)]);
    return console.refuse(
      [diagnostic('SP9001', `${file} cannot be written: ${(error as Error).message}`)],
      EXIT.infrastructure,
    );
  }
  if (console.json) {
    console.document('init', { file, name: plan.name, found: traits, tools: plan.tools.map(({ id }) => id) });
    return EXIT.pass;
  }
  const { paint } = console;
  console.print(`${paint('green', 'wrote')} ${file}`);
  for (const { name, files, example } of traits) {
    console.print(
      `  ${name}: ${files === 1 ? printable(example) : `${files} files, such as ${printable(example)}`}`,
    );
  }
  if (plan.tools.length > 0) {
    console.print(`  added to the light profile: ${plan.tools.map(({ id }) => id).join(', ')}`);
  }
  for (const { id, provider, thirdParty } of plan.optIns) {
    console.print(
      `  ${id} is available only as a third-party package (${thirdParty}) and is incomplete until tools.${id}.provider is ${provider}`,
    );
  }
  console.print(
    `${paint('bold', 'Next')}  ${paint('cyan', 'secplan plan')} shows what a run would do, ${paint('cyan', 'secplan run')} does it`,
  );
  return EXIT.pass;
}

function taken(file: string) {
  return diagnostic('SP9001', `${file} already exists; it was not overwritten`, {
    help: '`secplan compile` checks it. To start again, move it away first.',
  });
}

/** A name as the manifest's schema takes it, out of any folder's name. */
function nameOf(text: string): string {
  const name = text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
    .slice(0, 63);
  return name === '' ? 'workspace' : name;
}
