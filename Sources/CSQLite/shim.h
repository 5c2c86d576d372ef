// What of SQLite the store calls: the system library, seen through its own header.
#pragma once
#include <sqlite3.h>
