/* Bytes as text: slices, UTF-8 (RFC 3629), JSON string escapes (RFC 8259 section 7). */
#ifndef MASKGATE_TEXT_H
#define MASKGATE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/* A run of bytes that somebody else owns; not terminated. */
typedef struct mg_text {
    const uint8_t *data;
    uint32_t len;
} mg_text;

static inline uint32_t mg_length(const char *text) {
    uint32_t len = 0;
    while (text[len]) len++;
    return len;
}

/* The order of two texts: shorter first, then by bytes. Not alphabetical; cheap, and total. */
static inline int mg_compare(mg_text a, mg_text b) {
    if (a.len != b.len) return a.len < b.len ? -1 : 1;
    for (uint32_t i = 0; i < a.len; i++)
        if (a.data[i] != b.data[i]) return a.data[i] < b.data[i] ? -1 : 1;
    return 0;
}

static inline bool mg_is(mg_text text, const char *literal) {
    return mg_compare(text, (mg_text){(const uint8_t *)literal, mg_length(literal)}) == 0;
}

/* Length in bytes (1 to 4) of the UTF-8 sequence at `at`, 0 when there is none: over-long forms, surrogates and
 * anything above U+10FFFF are none. Reads no further than the first byte that doesn't continue the sequence, so a
 * text followed by any ASCII byte needs no bound. */
static inline uint32_t mg_utf8(const uint8_t *at) {
    uint8_t lead = at[0];
    if (lead < 0x80) return 1;
    if (lead < 0xC2) return 0;
    if ((at[1] & 0xC0) != 0x80) return 0;
    if (lead < 0xE0) return 2;
    if (lead < 0xF0) {
        if ((lead == 0xE0 && at[1] < 0xA0) || (lead == 0xED && at[1] > 0x9F)) return 0;
        return (at[2] & 0xC0) == 0x80 ? 3 : 0;
    }
    if (lead > 0xF4 || (lead == 0xF0 && at[1] < 0x90) || (lead == 0xF4 && at[1] > 0x8F)) return 0;
    return (at[2] & 0xC0) == 0x80 && (at[3] & 0xC0) == 0x80 ? 4 : 0;
}

/* The most bytes that one byte of text becomes in a JSON string. */
#define MG_ESCAPE_MAX 6

/* Writes one ASCII byte as it stands in a JSON string; returns the place after it. */
static inline uint8_t *mg_escape(uint8_t *out, uint8_t byte) {
    static const char short_form[32] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    static const char digits[] = "0123456789abcdef";
    if (byte >= 0x20 && byte != '"' && byte != '\\') {
        *out++ = byte;
        return out;
    }
    *out++ = '\\';
    if (byte >= 0x20) {
        *out++ = byte;
    } else if (short_form[byte]) {
        *out++ = (uint8_t)short_form[byte];
    } else {
        *out++ = 'u', *out++ = '0', *out++ = '0';
        *out++ = (uint8_t)digits[byte >> 4], *out++ = (uint8_t)digits[byte & 15];
    }
    return out;
}

#endif
