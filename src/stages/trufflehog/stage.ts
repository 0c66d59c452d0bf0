import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { severities } from './severities.ts';

export const options = z.object({
  /** Detectors to leave out, by name or number as `--exclude-detectors` takes them. */
  excludeDetectors: z.array(z.string().regex(/^[A-Za-z0-9_.-]{1,60}$/)).default([]),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'trufflehog',
  kind: 'scan',
  category: 'secrets',
  tool: {
    name: 'TruffleHog',
    homepage: 'https://trufflesecurity.com/trufflehog',
    license: 'AGPL-3.0-only',
    status: 'active',
  },
  // The package of this name on PyPI is its version 2, another program. Go cannot install version 3: its module replaces others.
  providers: [
    {
      name: 'release',
      runtime: 'local',
      kind: 'release',
      package: 'trufflesecurity/trufflehog',
      bin: 'trufflehog',
    },
    { name: 'path', runtime: 'local', kind: 'path', package: 'trufflehog', bin: 'trufflehog' },
    {
      name: 'image',
      runtime: 'dagger',
      kind: 'image',
      package: 'trufflesecurity/trufflehog',
      bin: 'trufflehog',
    },
  ],
  requires: {
    target: 'source',
    selection: {
      include: ['**'],
      // What it passes over by its kind: the files it is given are then those that it reads. Its exclusions are a flag,
      // no file of the tree.
      exclude: [
        '**/*.{apng,avif,avifs,bmp,gif,icns,ico,jpg,jpeg,jxl,png,svg,svgz,tga,tif,tiff}',
        '**/*.{m2a,m4a,mp2,mp3,264,3gp,avi,flac,flv,mov,mp4,mpg,mpeg,ogg,swf,vob,wav,webm,webp,wmv}',
        '**/*.{pdf,psd,eot,fnt,fon,otf,ttf,woff,woff2,glb,gltf}',
      ],
    },
  },
  outputs: [
    { name: 'report', type: 'jsonl', mediaType: 'application/jsonl', mayBeEmpty: true },
    { name: 'log', type: 'jsonl', mediaType: 'application/x-ndjson' },
  ],
  faults: [
    {
      in: 'stderr',
      pattern:
        '^(?:panic|fatal error|runtime error): |"level":"fatal"|"msg":"error (?:running scan|scanning filesystem)',
      meaning: 'TruffleHog reports an error',
    },
  ],
  timeoutMs: 600_000,
  expectedMs: 5_000,
  resources: { cpus: 2, memoryMb: 1024 },
  severities,
};
