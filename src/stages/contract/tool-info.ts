/** Who makes a tool. */
export interface ToolInfo {
  /** As the project writes it. */
  readonly name: string;
  readonly homepage: string;
  /** SPDX expression. */
  readonly license: string;
  /** `archived` where its project has stopped it: said in `tools show`, opt-in only. */
  readonly status: 'active' | 'archived';
}
