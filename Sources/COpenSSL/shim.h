// The low-level SHA-256 functions are deprecated in OpenSSL 3 in favour of EVP, whose contexts live on the heap: a keyed
// HMAC is two SHA256_CTX, which Swift can copy and share as a plain value.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
