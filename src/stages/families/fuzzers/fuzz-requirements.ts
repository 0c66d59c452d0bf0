import type { Requirements } from '../../contract/requirements.ts';

/** A program of the workspace that is fed inputs, and where inputs to begin with are. */
export const FUZZ_REQUIREMENTS: Requirements = { target: 'fuzz', files: ['binary', 'seeds'] };
