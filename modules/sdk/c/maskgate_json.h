/* A reader for the configuration: small, strict (RFC 8259), in place.
 *
 * It is pulled: the module asks for what it expects, member by member, and the reader refuses all else. The first
 * failure stays; after it every call returns false or an empty text, so that code can be written straight down:
 *
 *     mg_text key;
 *     if (!mg_json_object(config)) return false;
 *     while (mg_json_member(config, &key)) {
 *         if (mg_is(key, "header")) header = mg_json_boolean(config);
 *         else mg_json_fail(config, "is not known");
 *     }
 *     return !config->failed;
 *
 * Strings are decoded where they stand; their texts live until the next mg_on_configure. A failure's text is the
 * path at fault and what is wrong with it, as in `types.total: is not one of string, number`. */
#ifndef MASKGATE_JSON_H
#define MASKGATE_JSON_H

#include "maskgate_text.h"

#define MG_JSON_DEPTH 16 /* objects and arrays within each other */

struct mg_json_key;

/* An object or array that is being read, and where in it the reader stands. */
struct mg_json_level {
    bool is_array;
    bool started;
    mg_text key;              /* objects: the member */
    uint32_t index;           /* arrays: the item */
    struct mg_json_key *keys; /* objects: the keys seen, since a second one of the same name is refused */
};

typedef struct mg_json {
    uint8_t *at;
    uint8_t *end; /* *end is 0, which is nothing that JSON allows outside a string */
    bool failed;
    uint32_t depth;
    struct mg_json_level levels[MG_JSON_DEPTH];
} mg_json;

bool mg_json_object(mg_json *json);               /* steps into an object */
bool mg_json_member(mg_json *json, mg_text *key); /* the next member's key; false: out of the object, or failed */
bool mg_json_array(mg_json *json);                /* steps into an array */
bool mg_json_item(mg_json *json);                 /* is there another item? false: out of the array, or failed */

mg_text mg_json_string(mg_json *json);
bool mg_json_boolean(mg_json *json);

/* One of the strings of `options` (ends with NULL): its place in them. `otherwise` says what was expected. */
uint32_t mg_json_choice(mg_json *json, const char *const options[], const char *otherwise);

/* Refuses the configuration at the place where the reader stands. Always false. */
bool mg_json_fail(mg_json *json, const char *why);

/* The same of something there that has a name: `secret: pepper is not granted`. */
bool mg_json_fail_of(mg_json *json, mg_text subject, const char *why);

/* For maskgate.c. `text` has a byte to spare at its end; mg_say appends to what mg_error gives. */
void mg_say(mg_text text);
void mg_json_open(mg_json *json, uint8_t *text, uint32_t len);
bool mg_json_close(mg_json *json); /* nothing but white space is left */

#endif
