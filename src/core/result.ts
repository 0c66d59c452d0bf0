/**
 * How something ended that may fail: the members of a success, or those of a failure, beside `ok`. Every such answer in
 * this project is one, so that it is read the same way everywhere: `if (!answer.ok) return …`.
 */
export type Result<Success extends object, Failed extends object> =
  | ({ readonly ok: true } & Success)
  | ({ readonly ok: false } & Failed);
