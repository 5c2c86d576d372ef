// What of LZ4 is called: the block format of the system library, seen through its own header.
#pragma once
#include <lz4.h>
