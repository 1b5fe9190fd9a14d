/* For modules of the kind `wasi-command` in C: programs with a `main` of their own and zig's libc, to which a message comes on
 * standard input. Everything of libc may be used; this is what every such program would write again, and maskgate_json.h
 * reads the configuration.
 *
 *     int main(int argc, char **argv) {
 *         mg_json config;
 *         size_t len;
 *         mg_command_config(argc, argv, &config);
 *         ...
 *         uint8_t *message = mg_command_message(&len);
 *         if (...) mg_command_refuse("not_a_cat", 0);       ends the program
 *         fwrite(message, 1, len, stdout);                  what is written leaves; nothing written: the message is dropped
 *     } */
#ifndef MASKGATE_COMMAND_H
#define MASKGATE_COMMAND_H

#include <stddef.h>

#include "maskgate_json.h"

/* The configuration, to be read: `{}` where the policy gives none. The manifest's schema alone decides what is accepted, so
 * what the reader fails at ends in nothing but a line on standard error. */
void mg_command_config(int argc, char **argv, mg_json *config);

/* Standard input to its end; its length in bytes. A zero stands behind it. Never NULL: without room the program traps. */
uint8_t *mg_command_message(size_t *len);

/* Refuses the message and ends the program. `code` is listed under `refusals` in the manifest, `offset` is a byte's place in
 * the message. */
_Noreturn void mg_command_refuse(const char *code, size_t offset);

#endif
