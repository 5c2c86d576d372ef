// SwiftPM asks for a source file; everything is in the headers.
#include "CLinux.h"
