/** Whether it names a folder of a Go module: it lands beside a program, so never upwards and nothing hidden. */
export function isModuleFolder(path: unknown): path is string {
  return (
    typeof path === 'string' &&
    path.length <= 200 &&
    /^[A-Za-z0-9_][\w.-]*(\/[A-Za-z0-9_][\w.-]*)*$/.test(path)
  );
}
