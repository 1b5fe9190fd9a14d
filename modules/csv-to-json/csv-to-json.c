/* csv-to-json: a CSV document (RFC 4180) in, one JSON object (RFC 8259) a record out, each on a line of its own.
 *
 * Every field is scanned 16 bytes at a time and copied in the same step; only bytes that mean something (delimiter,
 * quote, line end, what JSON escapes, what isn't ASCII) are looked at one by one. A record that breaks a rule is
 * refused with the code of the rule and the offset of the breach, and the next one goes on. */
#include <wasm_simd128.h>

#include "configuration.h"

const char *const mg_counters[] = {"records", "blank_lines", NULL};
enum counter { RECORDS, BLANK_LINES };

/* The document that is being read. */
static uint8_t *start, *end;

/* The first rule that the record breaks, and where. */
static struct {
    const char *code;
    const uint8_t *at;
} fault;

static uint8_t *breach(const char *code, const uint8_t *at) {
    fault.code = code, fault.at = at;
    return NULL;
}

/* ---- Records ---- */

static bool is_blank(uint8_t c) { return (c == ' ' || c == '\t') && c != config.delimiter; }

/* Copies 16 bytes at a time; up to 15 bytes too many are read and written, for which both sides have room. */
static inline uint8_t *copy(uint8_t *out, mg_text text) {
    for (uint32_t i = 0; i < text.len; i += 16) wasm_v128_store(out + i, wasm_v128_load(text.data + i));
    return out + text.len;
}

#define CHUNK_ROOM 128 /* for one step of copy_text (at most 40 bytes) and for all that read_fields adds to a value */

/* Copies a field's text from `at` to *out, escaped, and returns where it stops: at the delimiter, a line end or a
 * quote; within quotes, at the closing quote, or at `end` where there is none. NULL: a breach, or no room.
 *
 * Whatever the text, it stops at `end`: the byte there is a line feed (see mg_on_message). */
static inline __attribute__((always_inline)) uint8_t *copy_text(uint8_t *at, uint8_t **to, const bool quoted) {
    const uint8_t delimiter = quoted ? '"' : config.delimiter;
    const v128_t delimiters = wasm_u8x16_splat(delimiter), quotes = wasm_u8x16_splat('"');
    const v128_t backslashes = wasm_u8x16_splat('\\'), controls = wasm_i8x16_splat(0x20);
    uint8_t *out = *to, *limit = mg_out.limit;
    for (;;) {
        if ((uint32_t)(limit - out) < CHUNK_ROOM) {
            mg_out.at = out;
            if (!mg_grow(CHUNK_ROOM)) return NULL;
            limit = mg_out.limit;
        }
        v128_t chunk = wasm_v128_load(at);
        wasm_v128_store(out, chunk); /* what is too much will be written over */
        v128_t special = wasm_i8x16_lt(chunk, controls); /* signed: so that 0x80 to 0xFF are below as well */
        special = wasm_v128_or(special, wasm_i8x16_eq(chunk, quotes));
        special = wasm_v128_or(special, wasm_i8x16_eq(chunk, backslashes));
        if (!quoted) special = wasm_v128_or(special, wasm_i8x16_eq(chunk, delimiters));
        uint32_t mask = wasm_i8x16_bitmask(special);
        if (!mask) {
            at += 16, out += 16;
            continue;
        }
        uint32_t plain = (uint32_t)__builtin_ctz(mask);
        at += plain, out += plain;
        uint8_t c = *at;
        if (c == delimiter && !quoted) break;
        if (c >= 0x80) {
            uint8_t *stop = at + 16; /* as much as there is room for */
            do {
                uint32_t length = mg_utf8(at);
                if (!length) return breach("invalid_utf8", at);
                for (; length; length--) *out++ = *at++;
            } while (*at >= 0x80 && at < stop);
        } else if (c == '"') {
            if (!quoted || at[1] != '"') break;
            *out++ = '\\', *out++ = '"';
            at += 2;
        } else if (c == '\n' || c == '\r') {
            if (!quoted || at == end) break;
            out = mg_escape(out, c);
            at++;
        } else {
            out = mg_escape(out, c);
            at++;
        }
    }
    *to = out;
    return at;
}

/* Finishes the value that stands between `value` and `out`; `name` is where its name starts. Returns the new end of
 * the output; NULL when the text isn't of the column's type. */
static inline uint8_t *finish_value(uint32_t type, uint8_t *name, uint8_t *value, uint8_t *out) {
    if (out == value && config.empty != EMPTY_STRING) {
        if (config.empty == EMPTY_OMIT) return name;
        out = type == STRING ? value - 1 : value; /* over the opening quote */
        __builtin_memcpy(out, "null", 4);
        return out + 4;
    }
    if (type == STRING) {
        *out++ = '"';
        return out;
    }
    return type_fits(type, value, out) ? out : NULL;
}

/* Reads the record at `at` and writes it to the output; returns the start of what follows. NULL: a breach, or no
 * room. Without `columns` it is the header, and comes out as its names: `,"one":,"two":`. */
static inline __attribute__((always_inline)) uint8_t *read_fields(uint8_t *at, const struct columns *columns) {
    static const mg_text comma = {(const uint8_t *)",               ", 1};
    uint8_t *const record = at, *out = mg_out.at;
    for (uint32_t index = 0;; index++) {
        if (columns && index == columns->count) return breach("csv_wrong_columns", record);
        const mg_text name = columns ? columns->list[index].name : comma;
        const uint32_t type = columns ? columns->list[index].type : STRING;
        if ((uint64_t)(mg_out.limit - out) < (uint64_t)name.len + 32) {
            mg_out.at = out;
            if (!mg_grow(name.len + 32)) return NULL;
        }
        uint8_t *const name_at = out;
        out = copy(out, name);
        if (type == STRING) *out++ = '"';
        uint8_t *const value = out;
        if (config.trim)
            while (is_blank(*at)) at++;
        uint8_t *const field = at;
        if (*at == '"') {
            at = copy_text(at + 1, &out, true);
            if (!at) return NULL;
            if (at == end) return breach("csv_unclosed_quote", field);
            at++;
            if (config.trim)
                while (is_blank(*at)) at++;
        } else {
            at = copy_text(at, &out, false);
            if (!at) return NULL;
            if (config.trim) /* a tab has come out as two bytes */
                for (uint8_t *last = at; last > field && is_blank(last[-1]); last--) out -= last[-1] == '\t' ? 2 : 1;
        }
        /* copy_text has left room for what is written from here on */
        if (!columns) {
            *out++ = '"', *out++ = ':';
        } else if (!(out = finish_value(type, name_at, value, out))) {
            return breach("csv_bad_type", field);
        }
        if (*at == config.delimiter) {
            at++;
            continue;
        }
        if (*at == '\r' && at + 1 < end && at[1] == '\n') at++;
        if (*at == '\n') {
            if (columns && index + 1 < columns->count) return breach("csv_wrong_columns", record);
            mg_out.at = out;
            return at < end ? at + 1 : end;
        }
        return breach(*at == '\r' ? "csv_bad_line_end" : "csv_bad_quote", at);
    }
}

static __attribute__((noinline)) uint8_t *read_record(uint8_t *at, const struct columns *columns) {
    uint8_t *const object = mg_out.at;
    at = read_fields(at, columns);
    if (!at) return NULL;
    if (mg_out.at == object) mg_out.at++; /* every value was left out */
    *object = '{'; /* in the place of the first name's comma */
    *mg_out.at++ = '}';
    *mg_out.at++ = '\n';
    return at;
}

/* ---- Documents ---- */

/* Steps over a field, which may break the rules. NULL when nobody can tell where it ends: a quote is never closed, text
 * follows a closing quote, or a quote follows a lone carriage return. In each of these the next line may still be
 * inside quotes, and to guess would be to take a piece of text for a record, with the text in the wrong columns. */
static uint8_t *skip_field(uint8_t *at) {
    while (is_blank(*at)) at++;
    if (*at == '"') {
        do {
            for (at++; *at != '"'; at++)
                if (at == end) return NULL;
            at++;
        } while (*at == '"');
        while (is_blank(*at)) at++;
        if (*at != config.delimiter && *at != '\n' && *at != '\r') return NULL;
    }
    for (bool lone = false; *at != config.delimiter && *at != '\n'; at++) {
        if (*at == '\r' && (at[1] != '\n' || at + 1 == end)) lone = true;
        if (*at == '"' && lone) return NULL;
    }
    return at;
}

/* Start of what follows the refused record at `at`; NULL when that can't be told. */
static uint8_t *skip_record(uint8_t *at) {
    while ((at = skip_field(at)) && *at == config.delimiter) at++;
    return at && at < end ? at + 1 : at;
}

static uint8_t *skip_blank_lines(uint8_t *at) {
    for (; at < end; at++) {
        if (*at == '\r' && at + 1 < end && at[1] == '\n') at++;
        if (*at != '\n') return at;
        mg_count(BLANK_LINES, 1);
    }
    return at;
}

/* Reads the header at `at` and returns the start of what follows. NULL: a breach, or no room. */
static uint8_t *read_header(uint8_t *at, struct columns *columns) {
    uint8_t *const header = at, *const next = read_fields(at, NULL);
    if (!next) return NULL;
    /* The names have been written as if they were an output. Take them from there; the scratch may move them. */
    uint8_t *names = NULL;
    uint32_t len = mg_written();
    if ((names = mg_scratch((uint64_t)len + 16))) __builtin_memcpy(names, mg_out.at - len, len);
    mg_out.at -= len;
    if (!names || !columns_from_names(columns, (mg_text){names, len}, mg_scratch)) return NULL;
    if (config.has_columns) {
        if (columns->count != config.columns.count) return breach("csv_wrong_columns", header);
        *columns = config.columns;
        return next;
    }
    uint32_t duplicate = columns_duplicate(columns);
    if (duplicate < columns->count) {
        while (duplicate--) at = skip_field(at) + 1;
        return breach("csv_duplicate_column", at);
    }
    bind_types(columns);
    return next;
}

static uint32_t offset(const uint8_t *at) { return (uint32_t)(at - start); }

static void read_document(void) {
    struct columns columns = config.columns;
    uint8_t *at = start;
    if (end - start >= 3 && at[0] == 0xEF && at[1] == 0xBB && at[2] == 0xBF) at += 3; /* byte order mark */
    at = skip_blank_lines(at);
    if (at == end) {
        mg_refuse("csv_empty", 0);
        return;
    }
    if (config.header && !(at = read_header(at, &columns))) {
        mg_refuse_message(fault.code, offset(fault.at));
        return;
    }
    while ((at = skip_blank_lines(at)) < end) {
        uint8_t *const record = at;
        at = read_record(record, &columns);
        if (at) mg_pass();
        if (mg_out.full) return;
        if (at) {
            mg_count(RECORDS, 1);
        } else if ((at = skip_record(record))) {
            mg_refuse(fault.code, offset(fault.at));
        } else {
            mg_refuse("csv_unclosed_quote", offset(fault.at));
            return;
        }
    }
}

void mg_on_message(mg_message message) {
    start = message.data, end = message.data + message.len;
    /* A line feed after the last byte ends the last record, and every loop over the text, without a test for the
     * end on the way. The byte belongs to the next message. */
    uint8_t next = *end;
    *end = '\n';
    read_document();
    *end = next;
}
