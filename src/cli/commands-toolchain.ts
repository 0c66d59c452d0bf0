import type { CommandSpec } from './shared/command-spec.ts';
import { MANIFEST_OPTIONS, PROFILE_OPTION, RUNTIME_OPTION, TRUST_OPTION } from './shared/option-groups.ts';

const group = 'Tools and machine:';

/** What scans stand on: tools, cache, doctor. */
export const TOOLCHAIN_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'tools',
    group,
    summary: 'list, show, install and pin scanners',
    commands: [
      {
        name: 'list',
        summary: 'list every scanner with its version and whether it is installed',
        examples: [['secplan tools list --json', 'for a program']],
        run: async (console) => (await import('./commands/tools-list.ts')).toolsList(console),
      },
      {
        name: 'show',
        summary: 'show one scanner: what it reads, where it comes from, its options',
        arguments: [{ name: '<tool>', summary: 'scanner', completes: 'tool' }],
        examples: [['secplan tools show bandit', 'what bandit reads, and its options']],
        run: async (console, args) => (await import('./commands/tools-show.ts')).toolsShow(console, args[0]),
      },
      {
        name: 'install',
        summary: 'install scanners in advance, as tools.lock.json pins them',
        arguments: [{ name: '[tools...]', summary: "scanners; default: the profile's", completes: 'tool' }],
        options: [
          PROFILE_OPTION,
          ...MANIFEST_OPTIONS,
          {
            flags: '--bundle <file>',
            summary: 'install from a file that --to-bundle wrote, without network; default: everything in it',
            completes: 'file',
          },
          {
            flags: '--to-bundle <file>',
            summary: 'write the downloads to a file, for a machine without network',
            completes: 'file',
          },
          { flags: '--reinstall', summary: 'install again what is installed already, or was changed since' },
          TRUST_OPTION,
        ],
        examples: [
          ['secplan tools install', 'what the light profile needs'],
          ['secplan tools install bandit ruff', 'two scanners'],
          ['secplan tools install -p full --to-bundle tools.tar', 'what a machine without network will need'],
        ],
        run: async (console, args, flags) =>
          (await import('./commands/tools-install.ts')).toolsInstall(console, args[0], flags),
      },
      {
        name: 'lock',
        summary: 'pin scanners in the tools.lock.json of the workspace',
        arguments: [
          { name: '<tools...>', summary: 'scanners, each as TOOL or TOOL@VERSION', completes: 'tool' },
        ],
        options: [
          { flags: '--provider <name>', summary: 'provider to pin; default: each that can be resolved' },
          { flags: '--images', summary: 'pin their images too, for the dagger runtime' },
          ...MANIFEST_OPTIONS,
        ],
        examples: [
          ['secplan tools lock bandit', 'the newest version'],
          ['secplan tools lock ruff@0.14.0', 'one version'],
          ['secplan tools lock base-image', 'what the dagger runtime mounts installed tools into'],
        ],
        run: async (console, args, flags) =>
          (await import('./commands/tools-lock.ts')).toolsLock(console, args[0], flags),
      },
    ],
  },
  {
    name: 'cache',
    group,
    summary: 'inspect, shrink and verify the scan cache',
    commands: [
      {
        name: 'stats',
        summary: 'show the size of the cache',
        examples: [['secplan cache stats', 'size and entries']],
        run: async (console) => (await import('./commands/cache.ts')).stats(console),
      },
      {
        name: 'prune',
        summary: 'remove the least recently used entries',
        options: [
          { flags: '--max-size <size>', summary: 'size to shrink to, for example 500MB; default: 5GB' },
        ],
        examples: [['secplan cache prune --max-size 0', 'empty the cache']],
        run: async (console, _args, flags) => (await import('./commands/cache.ts')).prune(console, flags),
      },
      {
        name: 'verify',
        summary: 'read every entry and remove damaged ones',
        examples: [['secplan cache verify', 'exit code 3 if an entry was damaged']],
        run: async (console) => (await import('./commands/cache.ts')).verify(console),
      },
    ],
  },
  {
    name: 'doctor',
    group,
    summary: 'check this machine and the tools of a profile',
    options: [PROFILE_OPTION, ...MANIFEST_OPTIONS, RUNTIME_OPTION],
    examples: [
      ['secplan doctor -p full', 'can this machine run the full profile?'],
      [
        'secplan doctor --runtime dagger',
        'does an engine answer, and does every scanner have an image or package?',
      ],
    ],
    run: async (console, _args, flags) => (await import('./commands/doctor.ts')).doctor(console, flags),
  },
];
