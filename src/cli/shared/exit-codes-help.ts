/** Exit codes of spec section 5, as help prints them. */
export const EXIT_CODES_HELP = `Exit codes:
  0    pass                      5    differs from golden
  1    a budget is exceeded      6    verification failed
  2    usage or manifest         7    time budget exceeded
  3    infrastructure            8    the plan has changes (--detailed-exitcode)
  4    incomplete: something     70   a bug in secplan
       gave no result            130  interrupted`;
