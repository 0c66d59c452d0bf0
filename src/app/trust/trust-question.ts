/** Who asks what a workspace may decide. */
export interface TrustQuestion {
  /**
   * `require`: nothing runs by what is not trusted. `install`: only tools are installed, so only pins decide. `tell`: the caller
   * only shows what would happen.
   */
  readonly mode: 'require' | 'install' | 'tell';
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--trust-workspace`. */
  readonly trustWorkspace: boolean;
  /** Stages run without a sandbox, so every command of the workspace decides something. */
  readonly unsandboxed: boolean;
}
