/* Secrets that the host grants, while a module is being configured. A module that calls mg_secret imports
 * `maskgate.secret`; one that doesn't imports nothing. */
#ifndef MASKGATE_SECRET_H
#define MASKGATE_SECRET_H

#include "maskgate.h"

#define MG_SECRET_MAX 4096 /* bytes */

__attribute__((import_module("maskgate"), import_name("secret"))) int32_t
mg_host_secret(const uint8_t *name, uint32_t name_len, uint8_t *out, uint32_t out_cap);

/* The secret called `name`, kept until the next mg_on_configure; call it there only. False: it isn't granted, or there
 * is no room, and the configuration is refused with a text that names it. */
static inline bool mg_secret(mg_json *json, mg_text name, mg_text *secret) {
    uint8_t *bytes = mg_keep(MG_SECRET_MAX);
    if (!bytes) return mg_json_fail(json, "leaves no memory");
    int32_t len = mg_host_secret(name.data, name.len, bytes, MG_SECRET_MAX);
    if (len >= 0) return *secret = (mg_text){bytes, (uint32_t)len}, true;
    return mg_json_fail_of(json, name, len == -1 ? "is not granted" : "has more than 4096 bytes");
}

#endif
