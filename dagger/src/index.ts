/** Security scans as Dagger functions: the same library, manifest and bundle as the `secplan` command. */
import { relative } from 'node:path';
import { type Directory, dag, func, object } from '@dagger.io/dagger';
import { planSource, scanSource } from './scan-source.ts';

const WORK = 'work';

@object()
export class Secplan {
  /**
   * Runs the light profile: SAST, dependencies, secrets, IaC and a privacy sample, without a stack.
   * @param source Folder that is scanned.
   * @param manifest Manifest in it; default: secplan.cue, .yaml, .yml or .json.
   * @param trustWorkspace Whether the secrets, network access, programs and pins that it decides count.
   * @returns The sealed bundle, whatever its verdict.
   */
  @func()
  async light(source: Directory, manifest?: string, trustWorkspace = false): Promise<Directory> {
    return this.run(source, 'light', manifest, trustWorkspace);
  }

  /**
   * Runs the heavy profile: everything, with the manifest's stack.
   * @param source Folder that is scanned.
   * @param manifest Manifest in it; default: secplan.cue, .yaml, .yml or .json.
   * @param trustWorkspace Whether the secrets, network access, programs and pins that it decides count.
   * @returns The sealed bundle, whatever its verdict.
   */
  @func()
  async heavy(source: Directory, manifest?: string, trustWorkspace = false): Promise<Directory> {
    return this.run(source, 'heavy', manifest, trustWorkspace);
  }

  /**
   * Runs a profile of secplan's own or of the manifest.
   * @param source Folder that is scanned.
   * @param profile Name of the profile.
   * @param manifest Manifest in it; default: secplan.cue, .yaml, .yml or .json.
   * @param trustWorkspace Whether the secrets, network access, programs and pins that it decides count.
   * @returns The sealed bundle, whatever its verdict.
   */
  @func()
  async run(
    source: Directory,
    profile: string,
    manifest?: string,
    trustWorkspace = false,
  ): Promise<Directory> {
    const workspace = await unpacked(source);
    const bundle = await scanSource({
      workspace,
      manifest,
      profile,
      trustWorkspace,
      exportDir: `${process.cwd()}/${WORK}/bundles`,
      env: process.env,
      say: (line) => process.stderr.write(`${line}\n`),
    });
    return dag.currentModule().workdir(relative(process.cwd(), bundle));
  }

  /**
   * Compiles the manifest into the plan that `run` would apply, and runs nothing.
   * @param source Folder that would be scanned.
   * @param profile Name of the profile.
   * @param manifest Manifest in it; default: secplan.cue, .yaml, .yml or .json.
   * @returns A folder with plan.json.
   */
  @func()
  async plan(source: Directory, profile = 'light', manifest?: string): Promise<Directory> {
    const text = await planSource({ workspace: await unpacked(source), manifest, profile });
    return dag.directory().withNewFile('plan.json', text);
  }
}

/** A function's files are reachable by the engine only below its working folder. */
async function unpacked(source: Directory): Promise<string> {
  const place = `${process.cwd()}/${WORK}/source`;
  await source.export(place, { wipe: true });
  return place;
}
