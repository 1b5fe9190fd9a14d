#include "maskgate_json.h"

#include <stddef.h>

#include "maskgate.h"

struct mg_json_key {
    mg_text text;
    struct mg_json_key *next;
};

static void say(const char *text) { mg_say((mg_text){(const uint8_t *)text, mg_length(text)}); }

static void say_number(uint32_t number) {
    uint8_t digits[10], *at = digits + sizeof digits;
    do *--at = (uint8_t)('0' + number % 10);
    while (number /= 10);
    mg_say((mg_text){at, (uint32_t)(digits + sizeof digits - at)});
}

bool mg_json_fail(mg_json *json, const char *why) { return mg_json_fail_of(json, (mg_text){0}, why); }

bool mg_json_fail_of(mg_json *json, mg_text subject, const char *why) {
    if (json->failed) return false; /* the first failure is the one that explains the others */
    json->failed = true;
    bool said = false;
    for (uint32_t i = 0; i < json->depth; i++) {
        const struct mg_json_level *level = &json->levels[i];
        if (level->is_array) {
            say("["), say_number(level->index), say("]");
        } else if (level->key.data) {
            if (said) say(".");
            mg_say(level->key);
        } else {
            continue;
        }
        said = true;
    }
    if (!said) say("configuration");
    say(": ");
    if (subject.data) mg_say(subject), say(" ");
    say(why);
    return false;
}

static void skip_space(mg_json *json) {
    while (*json->at == ' ' || *json->at == '\n' || *json->at == '\r' || *json->at == '\t') json->at++;
}

static bool take(mg_json *json, char wanted) {
    if (json->failed) return false;
    skip_space(json);
    if (*json->at != (uint8_t)wanted) return false;
    json->at++;
    return true;
}

static bool take_word(mg_json *json, const char *word) {
    uint8_t *at = json->at;
    while (*word)
        if (*at++ != (uint8_t)*word++) return false;
    json->at = at;
    return true;
}

static bool enter(mg_json *json, bool is_array) {
    if (json->depth == MG_JSON_DEPTH) return mg_json_fail(json, "is nested too deep");
    json->levels[json->depth++] = (struct mg_json_level){.is_array = is_array};
    return true;
}

bool mg_json_object(mg_json *json) {
    return take(json, '{') ? enter(json, false) : mg_json_fail(json, "must be an object");
}

bool mg_json_array(mg_json *json) {
    return take(json, '[') ? enter(json, true) : mg_json_fail(json, "must be an array");
}

/* To the next member or item; false at the end, and the level is left. */
static bool advance(mg_json *json, struct mg_json_level *level, char close) {
    if (json->failed) return false;
    if (take(json, close)) {
        json->depth--;
        return false;
    }
    if (level->started && !take(json, ',')) return mg_json_fail(json, "is not followed by a comma or an end");
    level->started = true;
    return true;
}

bool mg_json_item(mg_json *json) {
    if (json->failed) return false;
    struct mg_json_level *level = &json->levels[json->depth - 1];
    bool first = !level->started;
    if (!advance(json, level, ']')) return false;
    if (!first) level->index++;
    return true;
}

bool mg_json_member(mg_json *json, mg_text *key) {
    if (json->failed) return false;
    struct mg_json_level *level = &json->levels[json->depth - 1];
    if (!advance(json, level, '}')) return false;
    skip_space(json);
    mg_text name = mg_json_string(json);
    if (json->failed) return false;
    level->key = name;
    for (struct mg_json_key *seen = level->keys; seen; seen = seen->next)
        if (mg_compare(seen->text, name) == 0) return mg_json_fail(json, "appears twice");
    if (!take(json, ':')) return mg_json_fail(json, "is not followed by a colon");
    struct mg_json_key *seen = mg_keep(sizeof *seen);
    if (!seen) return mg_json_fail(json, "leaves no memory");
    *seen = (struct mg_json_key){name, level->keys};
    level->keys = seen;
    *key = name;
    return true;
}

/* Four hexadecimal digits; a number above 0xFFFF when they aren't. */
static uint32_t hex4(const uint8_t *at) {
    uint32_t value = 0;
    for (uint32_t i = 0; i < 4; i++) {
        uint8_t c = at[i], letter = c | 0x20;
        if (c >= '0' && c <= '9') value = value << 4 | (uint32_t)(c - '0');
        else if (letter >= 'a' && letter <= 'f') value = value << 4 | (uint32_t)(letter - 'a' + 10);
        else return UINT32_MAX;
    }
    return value;
}

static uint8_t *put_utf8(uint8_t *out, uint32_t scalar) {
    if (scalar < 0x80) {
        *out++ = (uint8_t)scalar;
        return out;
    }
    if (scalar < 0x800) {
        *out++ = (uint8_t)(0xC0 | scalar >> 6);
    } else {
        if (scalar < 0x10000) {
            *out++ = (uint8_t)(0xE0 | scalar >> 12);
        } else {
            *out++ = (uint8_t)(0xF0 | scalar >> 18);
            *out++ = (uint8_t)(0x80 | (scalar >> 12 & 0x3F));
        }
        *out++ = (uint8_t)(0x80 | (scalar >> 6 & 0x3F));
    }
    *out++ = (uint8_t)(0x80 | (scalar & 0x3F));
    return out;
}

/* Decodes the escape after a backslash at *from; false when it is none. A scalar is never longer than its escape,
 * so `out` can't overtake `from`. */
static bool unescape(uint8_t **from, uint8_t **out) {
    static const char plain[] = "\"\\/bfnrt", meaning[] = "\"\\/\b\f\n\r\t";
    uint8_t *at = *from;
    if (*at == 'u') {
        uint32_t scalar = hex4(at + 1);
        at += 5;
        if (scalar > 0xFFFF || (scalar & 0xFC00) == 0xDC00) return false;
        if ((scalar & 0xFC00) == 0xD800) { /* a pair of surrogates is one scalar; half of one is none */
            if (at[0] != '\\' || at[1] != 'u') return false;
            uint32_t low = hex4(at + 2);
            if (low > 0xFFFF || (low & 0xFC00) != 0xDC00) return false;
            scalar = 0x10000 + ((scalar & 0x3FF) << 10 | (low & 0x3FF));
            at += 6;
        }
        *out = put_utf8(*out, scalar);
        *from = at;
        return true;
    }
    for (uint32_t i = 0; plain[i]; i++) {
        if (*at != (uint8_t)plain[i]) continue;
        *(*out)++ = (uint8_t)meaning[i];
        *from = at + 1;
        return true;
    }
    return false;
}

mg_text mg_json_string(mg_json *json) {
    mg_text none = {NULL, 0};
    if (!take(json, '"')) {
        mg_json_fail(json, "must be a string");
        return none;
    }
    uint8_t *start = json->at, *at = start, *out = start;
    while (*at != '"') {
        uint32_t length = *at < 0x20 ? 0 : mg_utf8(at); /* the 0 at the end of the text stops us here as well */
        if (!length) {
            mg_json_fail(json, "holds a string that is not valid JSON");
            return none;
        }
        if (*at == '\\') {
            at++;
            if (!unescape(&at, &out)) {
                mg_json_fail(json, "holds an escape that is not valid JSON");
                return none;
            }
            continue;
        }
        while (length--) *out++ = *at++;
    }
    json->at = at + 1;
    return (mg_text){start, (uint32_t)(out - start)};
}

bool mg_json_boolean(mg_json *json) {
    if (json->failed) return false;
    skip_space(json);
    if (take_word(json, "true")) return true;
    if (!take_word(json, "false")) mg_json_fail(json, "must be true or false");
    return false;
}

uint32_t mg_json_choice(mg_json *json, const char *const options[], const char *otherwise) {
    mg_text text = mg_json_string(json);
    if (json->failed) return 0;
    for (uint32_t i = 0; options[i]; i++)
        if (mg_is(text, options[i])) return i;
    mg_json_fail(json, otherwise);
    return 0;
}

void mg_json_open(mg_json *json, uint8_t *text, uint32_t len) {
    *json = (mg_json){.at = text, .end = text + len};
    text[len] = 0;
}

bool mg_json_close(mg_json *json) {
    if (json->failed) return false;
    skip_space(json);
    return json->at == json->end || mg_json_fail(json, "goes on after its end");
}
