// What of OpenSSL's libcrypto is called: ciphers and key derivation, through its own headers.
#pragma once
#include <openssl/evp.h>
#include <openssl/kdf.h>
