/* {{name}}: leaves comments out of lines of text, and puts a label before each other line.
 *
 * Everything here is meant to be changed. maskgate.h says what there is to work with. */
#include "maskgate.h"

#define LONGEST 4096 /* bytes of a line */

/* Listed in the manifest, in this order. */
const char *const mg_counters[] = {"lines", "comments", NULL};
enum counter { LINES, COMMENTS };

static mg_text label, comment;

/* Reads what the policy says under `with`. A failure says where. */
bool mg_on_configure(mg_json *json) {
    mg_text key;
    label = (mg_text){0}, comment = (mg_text){(const uint8_t *)"#", 1};
    if (!mg_json_object(json)) return false;
    while (mg_json_member(json, &key)) {
        if (mg_is(key, "label")) label = mg_json_string(json);
        else if (mg_is(key, "comment")) comment = mg_json_string(json);
        else mg_json_fail(json, "is not known");
    }
    if (!json->failed && !comment.len) mg_json_fail(json, "has an empty comment");
    return !json->failed;
}

static bool begins_with(mg_message message, mg_text text) {
    return message.len >= text.len && mg_compare((mg_text){message.data, text.len}, text) == 0;
}

/* Called for each message. It is gone when the function returns. */
void mg_on_message(mg_message message) {
    while (message.len && (message.data[message.len - 1] == '\n' || message.data[message.len - 1] == '\r')) message.len--;
    if (begins_with(message, comment)) {
        mg_count(COMMENTS, 1);
        return mg_drop();
    }
    if (message.len > LONGEST) return mg_refuse("line_too_long", LONGEST);
    for (uint32_t at = 0, length; at < message.len; at += length) {
        length = mg_utf8(message.data + at);
        if (!length || length > message.len - at) return mg_refuse("invalid_utf8", at);
    }
    if (!mg_write(label.data, label.len) || !mg_write(message.data, message.len)) return;
    mg_count(LINES, 1);
    mg_pass();
}
