import type { CommandSpec } from './shared/command-spec.ts';

/** Commands of the contract that this version does not have: known to the parser, and refused with SP9002. */
export const FUTURE_COMMANDS: readonly CommandSpec[] = [
  ['merge', 'join the bundles of a sharded run'],
  ['report', 'write a bundle as HTML, Markdown, JUnit or GitLab report'],
  ['export', 'write a pipeline for a CI system or workflow engine'],
  ['serve', 'serve scans over HTTP'],
  ['work', 'work for a service'],
  ['submit', 'submit a scan to a service'],
  ['status', 'ask a service for the state of a scan'],
  ['fetch', 'fetch a bundle from a service'],
  ['mcp', 'serve the Model Context Protocol over stdio'],
  ['acp', 'serve the Agent Client Protocol over stdio'],
].map(([name = '', summary = '']) => ({ name, summary, future: true }));
