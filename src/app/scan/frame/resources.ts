type Close = () => void | Promise<void>;

/** What a run has open. It is closed in reverse order, whatever became of the run. */
export class Resources {
  private readonly closers: Close[] = [];

  /** Has something closed when nothing that was opened after it is open any more. */
  defer(close: Close): void {
    this.closers.push(close);
  }

  /** Resources that may be closed before the others; they are closed with them at the latest. */
  part(): Resources {
    const part = new Resources();
    this.defer(() => part.close());
    return part;
  }

  /** Closes each of them once. @throws the first error, after all were closed */
  async close(): Promise<void> {
    const errors: unknown[] = [];
    for (let close = this.closers.pop(); close !== undefined; close = this.closers.pop()) {
      try {
        await close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}

/** Lends resources to a function and closes them after it. @throws what the function throws, else what closing throws */
export async function withResources<T>(use: (resources: Resources) => Promise<T>): Promise<T> {
  const resources = new Resources();
  let result: T;
  try {
    result = await use(resources);
  } catch (error) {
    // What went wrong first is the cause.
    await resources.close().catch(() => undefined);
    throw error;
  }
  await resources.close();
  return result;
}
