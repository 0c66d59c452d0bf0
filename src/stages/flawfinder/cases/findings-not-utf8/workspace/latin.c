#include <string.h>
/* José */
void copy(char *a, char *b) {   strcpy(a, b); /* Flawfinder: ignore */ }
