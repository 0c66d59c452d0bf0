import type { KnownNames } from '../names/known-names.ts';
import { parseYaml } from '../read/parse-yaml.ts';
import { checkPath } from '../source/check-path.ts';
import { pointer } from '../source/pointer.ts';
import { type Reporter, reporter } from '../source/reporter.ts';
import type { WorkspaceFacts } from '../source/workspace-facts.ts';
import type { WrittenService } from './check-services.ts';
import { readCompose } from './read-compose.ts';

export interface FromCompose {
  /** Of all that the file holds, usable or not. */
  readonly names: readonly string[];
  readonly services: readonly WrittenService[];
  readonly out?: Reporter;
}

const NOTHING: FromCompose = { names: [], services: [] };

/**
 * The services of the Compose file that a manifest names. It brings YAML and zod along, so whoever resolves a manifest
 * loads it only where there is such a file.
 */
export function fromCompose(
  path: string,
  names: KnownNames,
  facts: WorkspaceFacts,
  out: Reporter,
): FromCompose {
  const file = checkPath(path, '/stack/compose', facts, out);
  const text = file === undefined ? undefined : facts.text?.(file);
  if (file === undefined || text === undefined) return NOTHING;
  const tree = text.ok ? parseYaml(file, text.value) : text;
  if (!tree.ok) {
    const own = reporter({ place: () => undefined, keyPlace: () => undefined });
    return { ...NOTHING, out: { ...own, found: tree.diagnostics } };
  }
  // The Compose file's own pointers would be mistaken for the manifest's.
  const composeOut = reporter(tree.value);
  const services = readCompose(tree.value.value, { file, names, facts, out: composeOut });
  return {
    names: Object.keys(servicesIn(tree.value.value)),
    out: composeOut,
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
