/** Why a request was not made or not answered, in words that hold no secret's value. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** How long the receiver asks to wait, where it does. */
  readonly retryAfterMs: number | undefined;
  /** HTTP status, where there was an answer. */
  readonly status: number | undefined;
  /** Whether there was an answer and it was larger than asked for. */
  readonly tooLarge: boolean;

  constructor(
    message: string,
    facts: {
      readonly retryable?: boolean;
      readonly retryAfterMs?: number | undefined;
      readonly status?: number;
      readonly tooLarge?: boolean;
    } = {},
  ) {
    super(message);
    this.retryable = facts.retryable ?? false;
    this.retryAfterMs = facts.retryAfterMs;
    this.status = facts.status;
    this.tooLarge = facts.tooLarge ?? false;
  }
}
