import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({
  /** Lowest risk level that is reported, 0 to 5, as `--minlevel` takes it. */
  minLevel: z.number().int().min(0).max(5).default(1),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'flawfinder',
  kind: 'scan',
  category: 'sast',
  perFile: true,
  tool: {
    name: 'Flawfinder',
    homepage: 'https://dwheeler.com/flawfinder/',
    license: 'GPL-2.0-or-later',
    status: 'active',
  },
  providers: [
    { name: 'pypi', runtime: 'local', kind: 'pypi', package: 'flawfinder', bin: 'flawfinder' },
    { name: 'debian', runtime: 'local', kind: 'debian', package: 'flawfinder', bin: 'flawfinder' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'flawfinder', bin: 'flawfinder' },
  ],
  requires: {
    target: 'source',
    // The endings that Flawfinder reads as C or C++, and those that sitecustomize.py adds.
    selection: {
      include: [
        '**/*.{c,h,ec,ecp,pgc,C,cpp,CPP,cxx,cc,CC,c++,pcc,pc,sc,hpp,H}',
        '**/*.{hh,hxx,h++,ipp,ixx,tpp,txx,tcc,inl,cu,cuh,m,mm,ino,cl}',
        '**/*.{Cpp,CXX,Cxx,C++,HH,HPP,Hpp,HXX,H++,INL,INO,CU}',
      ],
    },
  },
  outputs: [
    { name: 'report', type: 'sarif', mediaType: 'application/sarif+json' },
    { name: 'text', type: 'text', mediaType: 'text/plain', publishAs: 'flawfinder.txt' },
  ],
  faults: [{ in: 'stderr', pattern: '^Traceback ', meaning: 'Flawfinder reports an error' }],
  assets: { site: 'src/stages/families/python/assets' },
  timeoutMs: 300_000,
  expectedMs: 400,
  resources: { cpus: 1, memoryMb: 256 },
  // Its risk levels: 4 and 5 are errors, 3 a warning, the rest notes.
  severities: { error: 'high', warning: 'medium', note: 'low' },
};
