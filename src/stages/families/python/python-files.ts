/**
 * Globs of files that hold Python for an interpreter, a server or Cython, whatever the case of the ending. What of Cython is
 * no Python is named as not understood.
 */
export const PYTHON_FILES: readonly string[] = ['**/*.{py,PY,Py,pY,pyw,PYW,Pyw,wsgi,WSGI,pyx,PYX}'];
