/** What a manifest may cost: it is hostile input. */
export const LIMITS = {
  bytes: 5_000_000,
  depth: 64,
  aliases: 100,
  /** Nodes that aliases may multiply to. */
  aliasNodes: 100_000,
  /** Diagnostics of one step: a hostile manifest could ask for a million. */
  diagnostics: 200,
  /** Services of a stack. */
  services: 100,
  cueMs: 10_000,
  cueBytes: 512 * 1024 * 1024,
} as const;
