/** What a stage may ask for beyond others, the system calls that this lets through, and what they are no longer held to. */
const GRANTED: Readonly<Record<string, { readonly calls: readonly string[]; readonly notEnforced: string }>> =
  {
    ptrace: { calls: ['ptrace'], notEnforced: 'system calls: it may use ptrace on what it starts' },
    'shared-memory': {
      calls: ['shmget'],
      notEnforced: 'memory limit: System V segments count only while they are mapped',
    },
  };

/** Names of privileges that a sandbox can give. */
export const GRANTABLE: ReadonlySet<string> = new Set(Object.keys(GRANTED));

/** Refused system calls that a filter lets through for these privileges. */
export function grantedCalls(privileges: readonly string[]): readonly string[] {
  return privileges.flatMap((name) => GRANTED[name]?.calls ?? []);
}

/** What a filter that lets them through does not enforce. */
export function notEnforcedWith(privileges: readonly string[]): readonly string[] {
  return privileges.flatMap((name) => GRANTED[name]?.notEnforced ?? []);
}
