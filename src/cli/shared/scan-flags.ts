import type { ScanOptions } from '../../app/contract/scan-option-types.ts';
import { scanOptions } from '../../app/contract/scan-options.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import type { Flags } from './command-spec.ts';

/** What only the command line knows of. */
const OWN: ReadonlySet<string> = new Set(['json', 'timings', 'quiet', 'verbose', 'severity']);

/** What a plan file has settled already. */
const SETTLED = [
  'manifest',
  'profile',
  'only',
  'skip',
  'skipPrivacy',
  'policy',
  'enforceSla',
  'trusted',
  'requiresStack',
  'stackBaseUrl',
] as const;

/** The flags of `run` as options of a scan, and the folder named without a flag: SP9001 for each that does not hold. */
export function scanFlags(flags: Flags, folder?: string): Outcome<ScanOptions> {
  const clashing = clashes(flags, folder);
  if (clashing.length > 0) return failed(clashing);
  const own = Object.fromEntries(Object.entries(flags).filter(([name]) => !OWN.has(name)));
  const given: Flags = folder === undefined ? own : { ...own, workspace: folder };
  const clash = given.plan === undefined ? [] : SETTLED.filter((name) => given[name] !== undefined);
  if (clash.length > 0) {
    const flag = (name: string): string =>
      `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return failed(
      clash.map((name) =>
        diagnostic('SP9001', `--plan and ${flag(name)} cannot be used together`, {
          help: 'A plan file is applied exactly as it is. Compile another one to change it.',
        }),
      ),
    );
  }
  const { manifest, ...rest } = given;
  const checked = scanOptions.safeParse(manifest === undefined ? rest : { ...rest, manifestPath: manifest });
  if (checked.success) return success(checked.data);
  return failed(
    checked.error.issues.map((issue) =>
      diagnostic('SP9001', `option ${issue.path.join('.')}: ${issue.message}`),
    ),
  );
}

/** Flags that say the same thing in two ways. */
function clashes({ workspace, quiet, verbose }: Flags, folder: string | undefined): readonly Diagnostic[] {
  return [
    ...(folder !== undefined && workspace !== undefined
      ? [
          diagnostic('SP9001', 'the folder to scan is named twice', {
            help: 'Name it as the argument or with --workspace.',
          }),
        ]
      : []),
    ...(quiet === true && verbose === true
      ? [diagnostic('SP9001', '--quiet and --verbose cannot be used together')]
      : []),
  ];
}
