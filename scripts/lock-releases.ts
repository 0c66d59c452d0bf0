// Pins projects' own releases in the package's tools.lock.json: `node scripts/lock-releases.ts PINS.json`. PINS.json lists
// what public lock files say of releases: tool, version, platform, url, sha256 and by how many independent sources.
import { readFileSync, writeFileSync } from 'node:fs';
import { byCodeUnit } from '../src/core/canonical.ts';
import { emptyLock, sealEntry, serializeLock, withEntry } from '../src/lock/lock.ts';
import type { ReleaseFile } from '../src/lock/lock-types.ts';
import { packagedLockPath, readLock } from '../src/lock/read-lock.ts';
import { catalogue } from '../src/stages/catalogue.gen.ts';

interface Pin {
  readonly tool: string;
  readonly version: string;
  readonly platform: string;
  readonly url: string;
  readonly sha256: string;
  readonly independent: number;
}

interface Chosen {
  /** As the list of pins calls it. */
  readonly tool: string;
  readonly version: string;
  /** Path of the executable where the archive has several files of its name. */
  readonly member?: string;
}

/**
 * The version of each project, by its name in the catalogue. The newest that at least two sources publish for Linux, and
 * that was run for real where there is a choice. Not here: cosign 3, whose flags are others than those of the pinned 2.6.
 */
const CHOSEN: Readonly<Record<string, Chosen>> = {
  'CycloneDX/cyclonedx-cli': { tool: 'cyclonedx-cli', version: '0.29.2' },
  'anchore/grype': { tool: 'grype', version: '0.117.0' },
  'anchore/syft': { tool: 'syft', version: '1.49.0' },
  'aquasecurity/kube-bench': { tool: 'kube-bench', version: '0.15.6' },
  'aquasecurity/tfsec': { tool: 'tfsec', version: '1.28.14' },
  'aquasecurity/trivy': { tool: 'trivy', version: '0.74.0' },
  'dependency-check/DependencyCheck': {
    ...{ tool: 'dependency-check', version: '13.0.0' },
    member: 'dependency-check/bin/dependency-check.sh',
  },
  'falcosecurity/falco': { tool: 'falco', version: '0.44.1' },
  'github/codeql-action': { tool: 'codeql', version: '2.26.2', member: 'codeql/codeql' },
  'gitleaks/gitleaks': { tool: 'gitleaks', version: '8.30.1' },
  'google/osv-scanner': { tool: 'osv-scanner', version: '2.6.0' },
  'hadolint/hadolint': { tool: 'hadolint', version: '2.15.1' },
  'kubescape/kubescape': { tool: 'kubescape', version: '4.0.12' },
  'kyverno/kyverno': { tool: 'kyverno', version: '1.19.1' },
  'open-policy-agent/conftest': { tool: 'conftest', version: '0.69.0' },
  'open-policy-agent/gatekeeper': { tool: 'gator', version: '3.23.1' },
  'open-policy-agent/opa': { tool: 'opa', version: '1.19.1' },
  'opengrep/opengrep': { tool: 'opengrep', version: '1.27.1' },
  'ossf/scorecard': { tool: 'scorecard', version: '5.5.0' },
  'securego/gosec': { tool: 'gosec', version: '2.28.0' },
  'sigstore/rekor': { tool: 'rekor-cli', version: '1.5.2' },
  'slsa-framework/slsa-verifier': { tool: 'slsa-verifier', version: '2.7.1' },
  'trufflesecurity/trufflehog': { tool: 'trufflehog', version: '3.96.0' },
  'turbot/powerpipe': { tool: 'powerpipe', version: '1.5.2' },
  'vimeo/psalm': { tool: 'psalm', version: '6.17.2' },
  'zaproxy/zaproxy': { tool: 'zap', version: '2.17.0', member: 'ZAP_2.17.0/zap.sh' },
};

const [list] = process.argv.slice(2);
if (list === undefined) throw new Error('usage: node scripts/lock-releases.ts PINS.json');
const pins = JSON.parse(readFileSync(list, 'utf8')) as readonly Pin[];
const path = packagedLockPath();
const old = readLock(path);
if (!old.ok) throw new Error(old.diagnostics.map(({ summary }) => summary).join('; '));
let lock = old.value ?? emptyLock();

for (const entry of catalogue.values()) {
  for (const provider of entry.providers.filter(({ kind }) => kind === 'release')) {
    const chosen = CHOSEN[provider.package];
    if (chosen === undefined) continue;
    const files = filesOf(chosen);
    if (Object.keys(files).length === 0) throw new Error(`${list} has no ${chosen.tool} ${chosen.version}`);
    const { version } = chosen;
    const sealed = sealEntry({ kind: 'release', package: provider.package, version, packages: [], files });
    lock = withEntry(lock, entry.id, provider.name, sealed);
    const said = Object.entries(files).map(([machine, { sources }]) => `${machine} (${sources})`);
    process.stdout.write(`${entry.id} ${version}: ${said.join(', ')}\n`);
  }
}
writeFileSync(path, serializeLock(lock));

/** By machine. Of two files for one machine the one that more sources publish. */
function filesOf({ tool, version, member }: Chosen): Readonly<Record<string, ReleaseFile>> {
  const fitting = pins
    .filter((pin) => pin.tool === tool && pin.version === version && !pin.url.endsWith('.zst'))
    .toSorted((a, b) => a.independent - b.independent || byCodeUnit(b.url, a.url));
  return Object.fromEntries(
    fitting.map(({ platform, url, sha256, independent }) => [
      platform,
      { url, sha256, sources: independent, ...(member === undefined ? {} : { member }) },
    ]),
  );
}
