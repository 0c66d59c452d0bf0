import { join } from 'node:path';
import { compileManifest, type Diagnostic, runScan, serializePlan } from 'secplan';

export interface SourceScan {
  /** Folder with the source; absolute. */
  readonly workspace: string;
  /** Manifest, relative to the source; absent: found as on the command line. */
  readonly manifest?: string | undefined;
  readonly profile: string;
  /** The caller vouches for what the source decides: secrets, network, programs, pins. */
  readonly trustWorkspace: boolean;
  /** Folder for the bundle; absolute. */
  readonly exportDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
}

/**
 * Runs a profile on the engine that the session belongs to. Gives the bundle's folder, whatever its verdict: that stands
 * in `verdict.json`. @throws Error with the diagnostics where no bundle could be made
 */
export async function scanSource(request: SourceScan): Promise<string> {
  const { workspace, manifest, profile, trustWorkspace, exportDir, env, say } = request;
  const outcome = await runScan({
    cwd: workspace,
    env,
    signal: new AbortController().signal,
    onEvent: (event) => {
      if (event.type === 'stage-finished') say(`${event.stage}: ${event.state} ${event.detail}`.trim());
    },
    now: Date.now,
    options: {
      profile,
      runtime: 'dagger',
      trustWorkspace,
      exportDir,
      workspace,
      ...(manifest === undefined ? {} : { manifestPath: join(workspace, manifest) }),
    },
  });
  if (outcome.scan === undefined) throw new Error(refusal(outcome.diagnostics));
  say(`verdict: ${outcome.scan.verdict.outcome} (exit code ${outcome.exitCode})`);
  return outcome.scan.bundleDir;
}

/** The plan of a profile as canonical JSON; nothing is run. @throws Error with the diagnostics */
export async function planSource(
  request: Pick<SourceScan, 'workspace' | 'manifest' | 'profile'>,
): Promise<string> {
  const { workspace, manifest, profile } = request;
  const compiled = await compileManifest({
    cwd: workspace,
    workspace,
    profile,
    manifestPath: manifest === undefined ? undefined : join(workspace, manifest),
  });
  if (!compiled.ok) throw new Error(refusal(compiled.diagnostics));
  return serializePlan(compiled.value.plan);
}

function refusal(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .map(({ code, summary, help }) => `${code}: ${summary}${help ? ` (${help})` : ''}`)
    .join('\n');
}
