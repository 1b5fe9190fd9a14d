/* maskgate/1 for C: what a module writes, and what it may call.
 *
 * Freestanding: no libc, no WASI, no imports. Compile your file together with maskgate.c and maskgate_json.c (see
 * ../../csv-to-json/build). A module defines three things and nothing else:
 *
 *     const char *const mg_counters[] = {"records", NULL};       the names its report may use
 *     bool mg_on_configure(mg_json *config) { ... }              false: refused, with mg_json_fail's text
 *     void mg_on_message(mg_message message) {                   called once for each message of a batch
 *         if (...) { mg_refuse("not_a_cat", 0); return; }
 *         if (!mg_write(message.data, message.len)) return;      out of memory: the message is refused for you
 *         mg_pass();
 *     }
 *
 * Several outputs for one message: write, mg_pass(), write, mg_pass(). No output at all: the message is dropped.
 *
 * Memory is one line, laid out afresh for every batch, so that nothing is ever freed and nothing leaks:
 *
 *     statics | kept by configure | input | scratch | entries | output, up to the end of memory
 *
 * The output stands last because it alone grows without a copy. Entries are put right before it when the batch is
 * done, and together they are the frame that the host reads: no byte of output is moved for framing. */
#ifndef MASKGATE_H
#define MASKGATE_H

#include <stddef.h>

#include "maskgate_json.h"
#include "maskgate_text.h"

/* One message. The buffer is the module's own for the length of the call: data[0] to data[len] may be written
 * (data[len] is the next message's first byte: put it back), and 16 bytes after the end may be read, so that SIMD
 * loads need no loop for the tail. */
typedef struct mg_message {
    uint8_t *data;
    uint32_t len;
} mg_message;

/* ---- What a module defines ---- */

extern const char *const mg_counters[]; /* ends with NULL; at most MG_COUNTERS_MAX; plain ASCII, no quotes */
bool mg_on_configure(mg_json *config);
void mg_on_message(mg_message message);

#define MG_COUNTERS_MAX 16

/* ---- Memory ---- */

/* Bytes that live until the next mg_on_configure; call it there only. 16-byte aligned. NULL: no room. */
void *mg_keep(uint64_t bytes);

/* Bytes that live until this mg_on_message returns. 16-byte aligned. NULL: no room, and the message is refused.
 * May move what was written to the output: don't hold on to mg_out.at across a call. */
void *mg_scratch(uint64_t bytes);

/* ---- Output ---- */

/* The output being written. Code in a hurry may write at `at` itself, up to `limit`, and move `at`. */
struct mg_output {
    uint8_t *at;    /* where the next byte goes */
    uint8_t *limit; /* nothing may be written here or beyond without mg_room */
    bool full;      /* no room: what comes is ignored, and the whole message will be refused as `too_large` */
};
extern struct mg_output mg_out;

bool mg_grow(uint32_t bytes);

/* Makes sure that `bytes` can be written at mg_out.at. Doesn't move the output. False: mg_out.full is set. */
static inline bool mg_room(uint32_t bytes) {
    return (uint32_t)(mg_out.limit - mg_out.at) >= bytes || mg_grow(bytes);
}

/* Copies `bytes` to the output. False: no room, mg_out.full is set. */
static inline bool mg_write(const void *data, uint32_t bytes) {
    if (!mg_room(bytes)) return false;
    __builtin_memcpy(mg_out.at, data, bytes);
    mg_out.at += bytes;
    return true;
}

/* Bytes written since the last output was ended. */
uint32_t mg_written(void);

/* Each of these ends one output of this message. */
void mg_pass(void);                               /* what was written since the last one is a message */
void mg_drop(void);                               /* what was written is forgotten: the message is left out on purpose */
void mg_refuse(const char *code, uint32_t offset); /* what was written is forgotten; `code`: at most 48 characters,
                                                      listed under `refusals` in the manifest; `offset`: in bytes
                                                      from the start of the message, or MG_NOWHERE. Never a value. */

/* Forgets every output of this message so far, then refuses it whole. */
void mg_refuse_message(const char *code, uint32_t offset);

#define MG_NOWHERE UINT32_MAX

/* Adds to the report's number named mg_counters[counter]. What a refused message counted is not taken back. */
void mg_count(uint32_t counter, uint32_t add);

#endif
