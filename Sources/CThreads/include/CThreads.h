#pragma once
#include <stdint.h>

// What Linux's scheduler is told of the calling thread, for which glibc 2.36 has no functions.

// Asks for turns of so many nanoseconds: the thread is let in earlier when it wakes while all cores are busy, and
// out again as early. 0, or -1 and errno; before Linux 6.12 it changes nothing.
int thread_set_slice(uint64_t nanoseconds);
