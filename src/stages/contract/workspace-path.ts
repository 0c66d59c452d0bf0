import { z } from 'zod';

/** An option that names a file or folder of the workspace: relative, below it, and no switch of a command line. */
export const workspacePath = z.string().regex(/^(?![-/])(?!(?:.*\/)?\.\.(?:\/|$)).{1,400}$/);
