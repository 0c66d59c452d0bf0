/** How secplan uses a key of a Compose service. docs/reference/stack.md lists the same. */
export type ComposeUse = 'read' | 'silent' | 'no-effect' | 'refused';

const USES: Readonly<Record<ComposeUse, readonly string[]>> = {
  read: [
    'image',
    'build',
    'command',
    'environment',
    'ports',
    'expose',
    'healthcheck',
    'depends_on',
    'x-secplan',
  ],
  // Of no consequence for one run that is torn down at its end.
  silent: [
    'annotations',
    'attach',
    'container_name',
    'labels',
    'logging',
    'platform',
    'pull_policy',
    'restart',
    'stop_grace_period',
    'stop_signal',
  ],
  'no-effect': [
    'cap_drop',
    'configs',
    'cpus',
    'deploy',
    'dns',
    'domainname',
    'extra_hosts',
    'group_add',
    'hostname',
    'init',
    'mem_limit',
    'mem_reservation',
    'networks',
    'oom_score_adj',
    'pids_limit',
    'profiles',
    'read_only',
    'secrets',
    'security_opt',
    'shm_size',
    'stdin_open',
    'storage_opt',
    'sysctls',
    'tmpfs',
    'tty',
    'ulimits',
    'user',
    'volumes',
    'volumes_from',
    'working_dir',
  ],
  // Without these it would be another service, or it asks for the machine.
  refused: [
    'cap_add',
    'cgroup',
    'cgroup_parent',
    'credential_spec',
    'develop',
    'device_cgroup_rules',
    'devices',
    'entrypoint',
    'env_file',
    'extends',
    'external_links',
    'ipc',
    'links',
    'network_mode',
    'pid',
    'post_start',
    'pre_stop',
    'privileged',
    'runtime',
    'scale',
    'userns_mode',
    'uts',
  ],
};

const USE_OF = new Map(
  Object.entries(USES).flatMap(([use, keys]) => keys.map((key) => [key, use as ComposeUse] as const)),
);

/** Undefined for a key that Compose does not have; keys of others that begin with `x-` are no one's business. */
export function composeUse(key: string): ComposeUse | undefined {
  return USE_OF.get(key) ?? (key.startsWith('x-') ? 'silent' : undefined);
}

export function composeKeys(): readonly string[] {
  return [...USE_OF.keys()];
}
