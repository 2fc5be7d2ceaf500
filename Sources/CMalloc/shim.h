// The settings of the C library's allocator, which Swift's Glibc module does not import.
#include <malloc.h>
