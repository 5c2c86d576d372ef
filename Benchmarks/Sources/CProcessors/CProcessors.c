// SwiftPM wants one C file in a C target. All there is stands in the header.
#include "CProcessors.h"
