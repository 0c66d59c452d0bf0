import type { PublishRedactor } from '../../core/redaction/redactor.ts';
import type { HttpClient } from '../../io/http/http-client.ts';
import type { Patience } from '../../io/http/with-retries.ts';
import type { BundleFiles } from './bundle-files.ts';
import type { LogLine } from './delivery-log.ts';

/** What is known of the commit that was scanned. */
export interface GitFacts {
  readonly sha: string | null;
  /** `refs/heads/…`, `refs/tags/…`, `refs/pull/…`; null where nothing says. */
  readonly ref: string | null;
  /** `owner/name` that the environment names. */
  readonly repository: string | null;
  /** Tags that the bundle may be of, by name: one where it is known which is built. */
  readonly tags: readonly string[];
  /** The workspace in the repository, ended by `/`; absent where it is the repository, or there is none. */
  readonly prefix?: string;
}

/** What a receiver works with. */
export interface DeliveryContext extends Patience {
  readonly bundle: BundleFiles;
  readonly bundleId: string;
  readonly http: HttpClient;
  /** Values by name, of the stage's own secrets. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly redactor: PublishRedactor;
  readonly git: GitFacts;
  /** What the log holds of this very receiver, oldest first. */
  readonly before: readonly LogLine[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  log(line: Omit<LogLine, 'target' | 'to'>): void;
}
