#include <cstdio>
#include <cstdlib>

// Prints what is not there.
int main()
{
    int values[4] = {1, 2, 3, 4};
    // cppcheck-suppress arrayIndexOutOfBounds
    std::printf("%d\n", values[4]);

    // And keeps what it does not need.
    char *buffer = static_cast<char *>(std::malloc(8));
    (void)buffer;
    return 0;
}
