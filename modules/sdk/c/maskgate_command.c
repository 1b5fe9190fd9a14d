#include "maskgate_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REFUSED 65 /* EX_DATAERR of sysexits.h */

/* What maskgate_json.c asks of whoever it is linked with. */
void *mg_keep(uint64_t bytes) { return malloc((size_t)bytes); }
void mg_say(mg_text text) { fwrite(text.data, 1, text.len, stderr); }

void mg_command_config(int argc, char **argv, mg_json *config) {
    static char none[] = "{}";
    char *given = argc > 1 ? argv[1] : none;
    mg_json_open(config, (uint8_t *)given, (uint32_t)strlen(given));
}

uint8_t *mg_command_message(size_t *len) {
    size_t room = 64 << 10, got;
    uint8_t *message = malloc(room);
    *len = 0;
    while (message && (got = fread(message + *len, 1, room - *len, stdin))) {
        *len += got;
        if (*len == room) message = realloc(message, room *= 2);
    }
    if (!message) __builtin_trap();
    message[*len] = 0;
    return message;
}

void mg_command_refuse(const char *code, size_t offset) {
    fprintf(stderr, "%s %zu\n", code, offset);
    exit(REFUSED);
}
