/** A profile that secplan brings along. */
export interface BuiltInProfile {
  readonly extends?: string;
  readonly enable: readonly string[];
  readonly disable?: readonly string[];
  readonly options?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly slaMs: number;
  readonly requiresStack?: boolean;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** The table of spec section 2. Tools that this version does not hold yet are reported as left out, never dropped. */
export const BUILT_IN_PROFILES: ReadonlyMap<string, BuiltInProfile> = new Map<string, BuiltInProfile>([
  ['smoke', { enable: ['ruff', 'detect-secrets'], slaMs: 30 * SECOND }],
  ['fast', { extends: 'smoke', enable: ['bandit', 'hadolint', 'zizmor'], slaMs: 2 * MINUTE }],
  ['medium', { extends: 'fast', enable: ['opengrep', 'flawfinder'], slaMs: 4 * MINUTE }],
  [
    'light',
    {
      enable: ['ruff', 'bandit', 'opengrep', 'trivy-fs', 'detect-secrets', 'presidio'],
      options: { presidio: { sample: true } },
      slaMs: 10 * MINUTE,
    },
  ],
  [
    'standard',
    {
      extends: 'medium',
      enable: ['trivy-fs', 'gitleaks', 'checkov', 'presidio', 'syft'],
      options: { presidio: { sample: true } },
      slaMs: 8 * MINUTE,
    },
  ],
  [
    'full',
    {
      extends: 'standard',
      enable: [
        'trivy-config',
        'grype',
        'osv-scanner',
        'license-audit',
        'gosec',
        'cppcheck',
        'brakeman',
        'psalm',
        'conftest',
      ],
      options: { presidio: { sample: false } },
      slaMs: 15 * MINUTE,
    },
  ],
  [
    'heavy',
    {
      extends: 'full',
      enable: ['stack-probe', 'trivy-image', 'zap', 'newman', 'schemathesis', 'restler', 'dependency-check'],
      slaMs: 45 * MINUTE,
      requiresStack: true,
    },
  ],
]);

/** Every tool that a built-in profile names. */
export function builtInToolIds(): ReadonlySet<string> {
  return new Set([...BUILT_IN_PROFILES.values()].flatMap((profile) => profile.enable));
}
