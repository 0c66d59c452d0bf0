import type { Diagnostic } from '../../core/diagnostic.ts';
import type { CheckContext } from '../names/check-context.ts';
import { parseYaml } from '../read/parse-yaml.ts';
import { checkPath } from '../source/check-path.ts';
import { pointer } from '../source/pointer.ts';
import { reporter } from '../source/reporter.ts';
import { withSourceLines } from '../source/source-lines.ts';
import type { WrittenService } from './check-services.ts';
import { readCompose } from './read-compose.ts';

export interface FromCompose {
  /** Of all that the file holds, usable or not. */
  readonly names: readonly string[];
  readonly services: readonly WrittenService[];
  /** All that was found in the file, once its services are checked. */
  readonly diagnostics?: () => readonly Diagnostic[];
}

const NOTHING: FromCompose = { names: [], services: [] };

/**
 * The services of the Compose file that a manifest names. It brings YAML and zod along, so whoever resolves a manifest
 * loads it only where there is such a file.
 */
export function fromCompose(path: string, context: CheckContext): FromCompose {
  const { names, facts } = context;
  const file = checkPath(path, '/stack/compose', context);
  const text = file === undefined ? undefined : facts.text?.(file);
  if (file === undefined || text === undefined) return NOTHING;
  const tree = text.ok ? parseYaml(file, text.value) : text;
  if (!tree.ok) {
    const found = text.ok ? withSourceLines(tree.diagnostics, file, text.value) : tree.diagnostics;
    return { ...NOTHING, diagnostics: () => found };
  }
  // The Compose file's own pointers would be mistaken for the manifest's.
  const composeOut = reporter(tree.value);
  const services = readCompose(tree.value.value, { file, names, facts, out: composeOut });
  return {
    names: Object.keys(servicesIn(tree.value.value)),
    diagnostics: () => (text.ok ? withSourceLines(composeOut.found, file, text.value, tree.value) : []),
    services: services.map((service): WrittenService => {
      const at = `${service.pointer}/depends_on`;
      const entries = listAt(tree.value.value, service.name);
      return {
        service: { ...service, pointer: '/stack/compose' },
        out: composeOut,
        dependencyPointer: (to) => `${at}${pointer(entries === undefined ? to : entries.indexOf(to))}`,
      };
    }),
  };
}

function listAt(compose: unknown, service: string): readonly unknown[] | undefined {
  const written = servicesIn(compose)[service]?.depends_on;
  return Array.isArray(written) ? written : undefined;
}

function servicesIn(compose: unknown): Readonly<Record<string, { readonly depends_on?: unknown } | null>> {
  const services = (compose as { readonly services?: unknown } | null)?.services;
  return typeof services === 'object' && services !== null ? { ...services } : {};
}
