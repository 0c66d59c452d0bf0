/** Something to reach, as tools write it: a name or an address, and a port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Where a connection really goes. */
export type Destination = Endpoint | { readonly unixSocket: string };

/** An endpoint as it is seen inside, and where it leads. The caller vouches for it: no address is refused. */
export interface Forward extends Endpoint {
  readonly to: Destination;
}

/** All that can be reached in one network. Everything else cannot: there is no route and no resolver. */
export interface NetworkSpec {
  readonly forwards: readonly Forward[];
  /** `host`, `host:port` or `*.domain`; without a port 80 and 443. Private addresses behind public names are refused. */
  readonly egress?: readonly string[];
  /** Names of `egress` that may lead to private addresses, for example the target's own; never to local ones. */
  readonly inside?: readonly string[];
}

/** What was tried, by `host:port` (a bare name where it was asked for and is not allowed). Sorted. */
export interface NetworkReport {
  /** Allowed, and connected to at least once. */
  readonly reached: readonly string[];
  /** Allowed, and never connected to, with the reason of the last try. `exact`: named as such, not by a pattern. */
  readonly failed: readonly { readonly to: string; readonly why: string; readonly exact: boolean }[];
  readonly refused: readonly string[];
}

/** A private network in which processes can be started. */
export interface NetworkHandle {
  /** Stands before a program and its arguments so that it starts inside; it is no sandbox of files or processes. */
  readonly enter: readonly string[];
  /** Text of /etc/hosts for what runs inside. Forwards that are added later are in it too. */
  etcHosts(): string;
  /** @throws Error when nothing can listen there */
  addForward(forward: Forward): Promise<void>;
  /** What was tried since the last call. Connections that are still open are cut. */
  takeReport(): NetworkReport;
  close(): void;
}
