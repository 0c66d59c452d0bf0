import { toolId } from '../../core/ids.ts';
import { parseImageRef } from '../../core/image-ref.ts';
import type { CustomTool, Resources, Tool } from '../manifest.gen.ts';
import type { ModelTool } from '../model/model.ts';
import { CUSTOM_TOOLS } from '../names/custom-tools.ts';
import type { KnownNames } from '../names/known-names.ts';
import { pointer } from '../source/pointer.ts';
import { parseDuration, parseSize } from '../source/units.ts';
import type { ChosenTool } from './choose-tools.ts';
import { mergeOptions } from './merge-options.ts';
import type { ProfileLevel } from './profile-chain.ts';

/** Settings of a chosen tool, merged: `tools.<id>`, then the profile chain's options from base to leaf. */
export function buildTool(chosen: ChosenTool, levels: readonly ProfileLevel[], names: KnownNames): ModelTool {
  const custom = names.custom.get(chosen.id);
  const settings: Tool = names.tools.get(chosen.id) ?? {};
  const common = custom ?? settings;
  const timeoutMs = common.timeout === undefined ? undefined : parseDuration(common.timeout);
  return {
    id: toolId(chosen.id),
    definition: custom ? CUSTOM_TOOLS : chosen.id,
    options: custom
      ? customOptions(custom)
      : mergeOptions(settings.options, ...levels.map((level) => ownOptions(level, chosen.id))),
    args: common.args ?? [],
    ...(settings.provider === undefined ? {} : { provider: settings.provider }),
    ...(settings.version === undefined ? {} : { version: settings.version }),
    ...(settings.digest === undefined ? {} : { digest: settings.digest }),
    ...ownImage(custom?.image),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    retries: common.retries ?? 0,
    resources: resources(common.resources),
    severityMap: { ...common.severityMap },
    ...(common.network === undefined ? {} : { network: network(common.network) }),
    secrets: [...new Set(common.secrets)].sort(),
    needs: [...new Set(custom?.needs)].sort(),
    named: chosen.named,
    pointer: custom ? pointer('tools', CUSTOM_TOOLS, chosen.id) : chosen.pointer,
  };
}

/** `latest` is what an address without tag and digest means. */
function ownImage(image: string | undefined): Pick<ModelTool, 'image' | 'version' | 'digest'> {
  const ref = image === undefined ? undefined : parseImageRef(image);
  if (ref === undefined) return {};
  const { tag = 'latest', digest } = ref;
  return { image: ref, version: tag, ...(digest === undefined ? {} : { digest }) };
}

function ownOptions(level: ProfileLevel, id: string): Readonly<Record<string, unknown>> | undefined {
  return Object.hasOwn(level.options, id) ? level.options[id] : undefined;
}

/** What the definition `custom` makes its stage of. */
function customOptions(custom: CustomTool): Readonly<Record<string, unknown>> {
  return {
    ...(custom.command === undefined ? {} : { command: custom.command }),
    ...(custom.image === undefined ? {} : { image: custom.image }),
    inputs: custom.inputs === undefined ? ['**'] : [...new Set(custom.inputs)].sort(),
    report: custom.report,
    category: custom.category ?? 'sast',
    exits: custom.exits ?? { '0': 'clean', '1': 'findings' },
  };
}

function resources(given: Resources | undefined): ModelTool['resources'] {
  const { cpus, memory, processes, files, output } = given ?? {};
  const [memoryMb, outputMb] = [mebibytes(memory), mebibytes(output)];
  return {
    ...(cpus === undefined ? {} : { cpus }),
    ...(memoryMb === undefined ? {} : { memoryMb }),
    ...(processes === undefined ? {} : { processes }),
    ...(files === undefined ? {} : { files }),
    ...(outputMb === undefined ? {} : { outputMb }),
  };
}

function mebibytes(size: string | undefined): number | undefined {
  const bytes = size === undefined ? undefined : parseSize(size);
  return bytes === undefined ? undefined : Math.floor(bytes / 2 ** 20);
}

function network(given: NonNullable<Tool['network']>): NonNullable<ModelTool['network']> {
  return typeof given === 'string' ? given : { egress: [...new Set(given.egress)].sort() };
}
