int main( { strcpy(
