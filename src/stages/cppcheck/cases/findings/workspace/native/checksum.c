#include <stdio.h>

/* Adds up what stands in a line. */
static int sum(const char *line) {
    int total = 0;
    while (*line != '\0') {
        total += *line++;
    }
    return total;
}

int main(void) {
    char line[64];
    gets(line);
    printf("%d\n", sum(line));
    return 0;
}
