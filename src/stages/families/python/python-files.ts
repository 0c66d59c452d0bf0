/** Globs of files that hold Python for an interpreter or a server, whatever the case of the ending. */
export const PYTHON_FILES: readonly string[] = ['**/*.{py,PY,Py,pyw,PYW,wsgi}'];
