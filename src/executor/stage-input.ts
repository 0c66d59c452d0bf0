import type { InputSet } from './inventory/types.ts';

/** The input of a stage whose target has no files. */
export const NO_FILES: Pick<InputSet, 'files' | 'excludedByManifest'> & { readonly digest: null } = {
  files: [],
  excludedByManifest: 0,
  digest: null,
};

/** What a stage reads of the workspace. */
export type StageInput = InputSet | typeof NO_FILES;
