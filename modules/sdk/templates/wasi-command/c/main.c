/* {{name}}: leaves comments out of lines of text, and puts a label before each other line.
 *
 * Everything here is meant to be changed. A command is run for each message: it reads that from standard input, and writes
 * what leaves to standard output. If it writes nothing, the message is dropped. maskgate_command.h is a help, no more. */
#include <stdio.h>
#include <string.h>

#include "maskgate_command.h"

#define LONGEST 4096 /* bytes of a line */

int main(int argc, char **argv) {
    /* What the policy says under `with`, which is the argument. The manifest's schema has checked it. */
    mg_text key, label = {0}, comment = {(const uint8_t *)"#", 1};
    mg_json config;
    mg_command_config(argc, argv, &config);
    if (!mg_json_object(&config)) return 1;
    while (mg_json_member(&config, &key)) {
        if (mg_is(key, "label")) label = mg_json_string(&config);
        else if (mg_is(key, "comment")) comment = mg_json_string(&config);
        else mg_json_fail(&config, "is not known");
    }
    if (config.failed) return 1;

    size_t len;
    const uint8_t *message = mg_command_message(&len);
    while (len && (message[len - 1] == '\n' || message[len - 1] == '\r')) len--;
    if (len >= comment.len && memcmp(message, comment.data, comment.len) == 0) return 0;
    if (len > LONGEST) mg_command_refuse("line_too_long", LONGEST);
    for (size_t at = 0, length; at < len; at += length) {
        length = mg_utf8(message + at);
        if (!length || length > len - at) mg_command_refuse("invalid_utf8", at);
    }
    printf("%.*s%.*s\n", (int)label.len, (const char *)label.data, (int)len, (const char *)message);
}
