/* A C extension's helper: fast, and careless with lengths. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char label[32];

void set_label(const char *name) {
    strcpy(label, name);
    strcat(label, ".sum");
}

void read_name(char *buffer) {
    gets(buffer);
}

void report(const char *format) {
    printf(format);
}

int checksum(const char *path) {
    char command[64];
    sprintf(command, "sha256sum %s", path);
    return system(command);
}

int sum(const unsigned char *bytes, size_t length) {
    int total = 0;
    for (size_t i = 0; i < length; i++)
        total += bytes[i];
    return total;
}
