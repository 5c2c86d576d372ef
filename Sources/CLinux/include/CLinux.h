// What Swift can't say of Linux's socket API: control messages, batched system calls, filters. Thin
// functions without policy; every one returns a result or a negated errno, and keeps no pointer.
#pragma once

#include "CLinuxSocket.h"
#include "CLinuxReceive.h"
#include "CLinuxSend.h"
#include "CLinuxSystem.h"
