/* Every way that a message can go, the same in each language of the SDKs: see ../vectors.yaml. */
#include "../../c/maskgate_secret.h"

const char *const mg_counters[] = {"passed", "dropped", "refused", "bytes", NULL};
enum counter { PASSED, DROPPED, REFUSED, BYTES };

static struct {
    mg_text prefix, secret;
    bool has_secret, upper;
} config;

bool mg_on_configure(mg_json *json) {
    mg_text key, name;
    __builtin_memset(&config, 0, sizeof config);
    if (!mg_json_object(json)) return false;
    while (mg_json_member(json, &key)) {
        if (mg_is(key, "prefix")) {
            config.prefix = mg_json_string(json);
        } else if (mg_is(key, "upper")) {
            config.upper = mg_json_boolean(json);
        } else if (mg_is(key, "secret")) {
            name = mg_json_string(json);
            if (!json->failed) config.has_secret = mg_secret(json, name, &config.secret);
        } else {
            mg_json_fail(json, "is not known");
        }
    }
    return !json->failed;
}

static void refuse(const char *code, uint32_t offset) {
    mg_count(REFUSED, 1);
    mg_refuse(code, offset);
}

static void drop(void) {
    mg_count(DROPPED, 1);
    mg_drop();
}

static void pass(mg_text prefix, mg_text rest) {
    if (!mg_write(prefix.data, prefix.len) || !mg_write(rest.data, rest.len)) return;
    mg_count(PASSED, 1);
    mg_count(BYTES, prefix.len + rest.len);
    mg_pass();
}

static void pass_number(uint32_t number) {
    uint8_t digits[10], *at = digits + sizeof digits;
    do *--at = (uint8_t)('0' + number % 10);
    while (number /= 10);
    pass((mg_text){0}, (mg_text){at, (uint32_t)(digits + sizeof digits - at)});
}

/* How many Unicode scalars there are; UINT32_MAX where something isn't UTF-8, and *at is there. */
static uint32_t scalars(const uint8_t **at, const uint8_t *end) {
    uint32_t count = 0;
    for (uint32_t length; *at < end; *at += length, count++) {
        length = mg_utf8(*at);
        if (!length || length > (uint32_t)(end - *at)) return UINT32_MAX;
    }
    return count;
}

static bool asks_for_several(mg_message message) {
    return message.len >= 3 && message.data[0] == '*' && message.data[1] >= '0' && message.data[1] <= '9' &&
           message.data[2] == ':';
}

void mg_on_message(mg_message message) {
    uint8_t *data = message.data, *end = data + message.len;
    if (end > data && end[-1] == '\n') end--, message.len--;
    if (!message.len) return drop();
    if (data[0] == '!') return refuse("conformance_refused", 1);
    if (asks_for_several(message)) {
        if (data[1] == '0') return drop();
        mg_text rest = {data + 3, message.len - 3};
        for (uint8_t i = '0'; i < data[1]; i++) pass(config.prefix, rest);
        return;
    }
    if (message.len == 1 && data[0] == '?') __builtin_trap();
    if (message.len == 1 && data[0] == '$') {
        if (!config.has_secret) return refuse("conformance_no_secret", MG_NOWHERE);
        return pass_number(config.secret.len);
    }
    if (data[0] == '#') {
        const uint8_t *at = data + 1;
        uint32_t count = scalars(&at, end);
        if (count == UINT32_MAX) return refuse("conformance_invalid_utf8", (uint32_t)(at - data));
        return pass_number(count);
    }
    if (config.upper)
        for (uint8_t *at = data; at < end; at++)
            if (*at >= 'a' && *at <= 'z') *at -= 'a' - 'A';
    pass(config.prefix, (mg_text){data, message.len});
}
