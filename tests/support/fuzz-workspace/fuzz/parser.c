#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A record is an R, a length, and that many bytes. PLANTED: the length is believed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 4 || data[0] != 'R') return 0;
  char *copy = malloc(8);
  if (copy == NULL) return 0;
#ifdef PLANTED
  memcpy(copy, data + 2, data[1] < size - 2 ? data[1] : size - 2);
#else
  memcpy(copy, data + 2, size - 2 < 8 ? size - 2 : 8);
#endif
  free(copy);
  return 0;
}

#ifdef STANDALONE
int main(int argc, char **argv) {
  static uint8_t data[4096];
  FILE *in = argc > 1 ? fopen(argv[1], "rb") : stdin;
  if (in == NULL) return 0;
  size_t size = fread(data, 1, sizeof data, in);
  if (argc > 1) fclose(in);
#ifdef PLANTED
  if (size > 3 && data[0] == 'R' && data[1] > 'a') abort();
#endif
  return LLVMFuzzerTestOneInput(data, size);
}
#endif
