import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { severities } from './severities.ts';

const FRAMEWORKS = [
  'ansible',
  'argo_workflows',
  'arm',
  'azure_pipelines',
  'bicep',
  'bitbucket_pipelines',
  'circleci_pipelines',
  'cloudformation',
  'dockerfile',
  'github_actions',
  'gitlab_ci',
  'helm',
  'kubernetes',
  'kustomize',
  'openapi',
  'serverless',
  'terraform',
] as const;

export const options = z.object({
  /** What is looked for; Checkov's own secret scanner and everything that needs its platform are left out. */
  frameworks: z
    .array(z.enum(FRAMEWORKS))
    .min(1)
    .default([
      'terraform',
      'dockerfile',
      'kubernetes',
      'cloudformation',
      'helm',
      'kustomize',
      'github_actions',
      'bicep',
    ]),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'checkov',
  kind: 'scan',
  category: 'iac',
  tool: { name: 'Checkov', homepage: 'https://www.checkov.io', license: 'Apache-2.0', status: 'active' },
  // It is started through a script of ours that writes down what it reads, hence by its Python.
  providers: [
    { name: 'pypi', runtime: 'local', kind: 'pypi', package: 'checkov', bin: 'python' },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'bridgecrew/checkov', bin: 'python3' },
  ],
  requires: {
    target: 'source',
    selection: {
      include: [
        '**/*.{tf,tf.json,hcl,bicep,yaml,yml,json,template}',
        // Values that are in force by their names; those that a command line names, Checkov does not look for.
        '**/{terraform,*.auto}.tfvars',
        // It knows neither Containerfile nor Dockerfile-dev.
        '**/{Dockerfile,dockerfile}',
        '**/{Dockerfile,dockerfile}.*',
        '**/*.{Dockerfile,dockerfile}',
      ],
      // A configuration file in the tree wins over every flag and can leave everything out.
      exclude: [
        '**/.checkov.{yaml,yml}',
        // No infrastructure, and Checkov takes them for broken plans.
        '**/{package-lock,npm-shrinkwrap,composer.lock,tsconfig}.json',
      ],
    },
  },
  outputs: [
    { name: 'report', type: 'json', mediaType: 'application/json', file: 'results_json.json' },
    { name: 'files', type: 'text', mediaType: 'text/plain', file: 'files.txt', mayBeEmpty: true },
  ],
  faults: [
    {
      in: 'stderr',
      pattern: '\\[(ERROR|CRITICAL) *\\]|^Traceback ',
      meaning: 'Checkov reports an error',
    },
  ],
  assets: { launch: 'src/stages/checkov/assets/launch.py' },
  timeoutMs: 300_000,
  expectedMs: 10_000,
  resources: { cpus: 1, memoryMb: 1024 },
  severities,
};
