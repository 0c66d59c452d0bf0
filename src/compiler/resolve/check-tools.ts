import { parseImageRef } from '../../core/image-ref.ts';
import type { CustomTool, Profile, Tool } from '../manifest.gen.ts';
import type { CheckContext } from '../names/check-context.ts';
import { CUSTOM_TOOLS } from '../names/custom-tools.ts';
import { checkSecret, checkTool, isKnownTool, type KnownNames } from '../names/known-names.ts';
import { checkGlobs, checkPath } from '../source/check-path.ts';
import { pointer } from '../source/pointer.ts';
import { alternatives, type Reporter } from '../source/reporter.ts';
import { parseDuration, parseSize } from '../source/units.ts';

/** Everything that `tools` refers to: tools, stages, secrets, paths, and units that the schema's patterns let through. */
export function checkTools(context: CheckContext): void {
  const { names, out } = context;
  for (const [id, tool] of names.tools) {
    const at = pointer('tools', id);
    const onlyOff = tool.enabled === false && Object.keys(tool).length === 1;
    checkTool(id, at, context, { key: true, mayBeFuture: onlyOff });
    if (names.custom.has(id) && !names.catalogue.has(id)) {
      out.reportKey('SP2016', at, `settings of the custom stage ${id} belong under tools.custom.${id}`);
    }
    checkCommon(tool, at, names, out);
    if (tool.config !== undefined) checkPath(tool.config, `${at}/config`, context);
  }
  for (const [id, custom] of names.custom) {
    const at = pointer('tools', CUSTOM_TOOLS, id);
    if (names.catalogue.has(id) || id === CUSTOM_TOOLS) {
      out.reportKey('SP2016', at, `a scanner already has the name ${JSON.stringify(id)}`, { value: id });
    }
    checkCommon(custom, at, names, out);
    checkGlobs(custom.inputs, `${at}/inputs`, out);
    checkScript(custom, at, context);
    if (custom.image !== undefined && parseImageRef(custom.image) === undefined) {
      out.report('SP2005', `${at}/image`, 'not an image address', {
        value: custom.image,
        allowed: ['[REGISTRY/]NAME[:TAG][@sha256:DIGEST]'],
      });
    }
    for (const [index, need] of (custom.needs ?? []).entries()) {
      if (isKnownTool(need, names)) continue;
      const known = [...names.catalogue.keys(), ...names.custom.keys()];
      out.report(
        'SP3005',
        `${at}/needs/${index}`,
        `unknown stage ${JSON.stringify(need)}`,
        alternatives(need, known),
      );
    }
  }
}

/** Every profile of the manifest, whether it is run or not. */
export function checkProfiles(profiles: Readonly<Record<string, Profile>>, context: CheckContext): void {
  const { names, out } = context;
  for (const [name, profile] of Object.entries(profiles)) {
    const at = pointer('profiles', name);
    const { enable = [], disable = [], options = {} } = profile.tools ?? {};
    for (const [index, id] of enable.entries()) checkTool(id, `${at}/tools/enable/${index}`, context);
    for (const [index, id] of disable.entries()) {
      const here = `${at}/tools/disable/${index}`;
      checkTool(id, here, context, { mayBeFuture: true });
      if (enable.includes(id)) {
        out.report('SP2009', here, `${id} is enabled and disabled by profile ${name}`, { value: id });
      }
    }
    for (const id of Object.keys(options)) {
      const here = pointer('profiles', name, 'tools', 'options', id);
      if (names.custom.has(id)) out.reportKey('SP2001', here, `custom stages such as ${id} have no options`);
      else checkTool(id, here, context, { key: true });
    }
    if (profile.sla !== undefined) checkDuration(profile.sla, `${at}/sla`, out);
  }
}

function checkCommon(tool: Tool | CustomTool, at: string, names: KnownNames, out: Reporter): void {
  if (tool.timeout !== undefined) checkDuration(tool.timeout, `${at}/timeout`, out);
  for (const name of ['memory', 'output'] as const) {
    const size = tool.resources?.[name];
    if (size === undefined || (parseSize(size) ?? 0) >= 2 ** 20) continue;
    out.report('SP2005', `${at}/resources/${name}`, `${name} is out of range`, {
      value: size,
      allowed: ['1MiB or more'],
    });
  }
  for (const [index, name] of (tool.secrets ?? []).entries()) {
    checkSecret(name, `${at}/secrets/${index}`, names, out);
  }
}

/** A command with a folder in its name is a script of the workspace; one without is looked up on PATH. */
function checkScript(custom: CustomTool, at: string, context: CheckContext): void {
  const program = custom.command?.[0];
  if (program === undefined || custom.image !== undefined) return;
  if (program.includes('/') && !program.startsWith('/')) checkPath(program, `${at}/command/0`, context);
}

export function checkDuration(text: string, at: string, out: Reporter): void {
  if (parseDuration(text) !== undefined) return;
  out.report('SP2005', at, 'duration is out of range', { value: text, allowed: ['from 1ms to 7d'] });
}
