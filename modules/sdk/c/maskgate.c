#include "maskgate.h"

#define EXPORT(name) __attribute__((export_name(name)))
#define PAGE 65536u
#define ENTRY 12u       /* u32 source, u32 status, u32 end */
#define CODE_MAX 48u    /* of a refusal */
#define REASON_MAX 64u  /* code, space, ten digits */
#define PADDING 16u     /* readable after the input and the output */
#define NUMBER_MAX 10u  /* digits of a u32 */

enum status { PASS = 0, DROP = 1, REFUSE = 2 };

extern uint8_t __heap_base; /* from the linker: where the statics end */

struct mg_output mg_out;

static bool configured;
static uint8_t *kept_end;   /* end of what configure keeps */
static uint8_t *scratch, *scratch_at;
static uint32_t scratch_room;
static uint8_t *entries, *entries_at, *entries_limit;
static uint32_t entries_room; /* in entries; with scratch_room, remembered from batch to batch */
static uint32_t front;        /* bytes between the entries and the output, for what the frame has there */
static uint8_t *output;       /* start of all outputs */
static uint8_t *output_at;    /* start of the one being written */
static uint32_t source, sources;
static uint8_t *message_output; /* where this message's outputs start … */
static uint32_t message_entry;  /* … and its entries */
static uint32_t counts[MG_COUNTERS_MAX];
static uint8_t error[512];
static uint32_t error_len;

static uint64_t address(const void *pointer) { return (uintptr_t)pointer; }
static uint64_t align(uint64_t value) { return (value + 15) & ~15ull; }
static uint64_t pack(const uint8_t *data, uint32_t len) { return address(data) << 32 | len; }
static void put32(uint8_t *at, uint32_t value) { __builtin_memcpy(at, &value, 4); }
static uint32_t get32(const uint8_t *at) {
    uint32_t value;
    __builtin_memcpy(&value, at, 4);
    return value;
}

/* ---- Errors ---- */

void mg_say(mg_text text) {
    uint32_t len = text.len;
    if (len > sizeof error - error_len) {
        len = sizeof error - error_len;
        while (len && (text.data[len] & 0xC0) == 0x80) len--; /* not in the middle of a character */
    }
    __builtin_memcpy(error + error_len, text.data, len);
    error_len += len;
}

static uint64_t broken_frame(const char *why) {
    error_len = 0;
    mg_say((mg_text){(const uint8_t *)why, mg_length(why)});
    return 0; /* no frame at all: the host can't take it for a result */
}

EXPORT("mg_error") uint64_t mg_error(void) { return pack(error, error_len); }

/* ---- Memory ---- */

/* Makes memory reach to `end`. The last page of the 4 GiB is never asked for, so that a pointer to the end of memory
 * is still a pointer. */
static bool reach(uint64_t end) {
    uint64_t have = (uint64_t)__builtin_wasm_memory_size(0) * PAGE;
    if (end <= have) return true;
    if (end > (1ull << 32) - PAGE) return false;
    uint32_t pages = (uint32_t)((end - have + PAGE - 1) / PAGE);
    uint32_t spare = (uint32_t)(have / PAGE / 4); /* growing by a share keeps the number of calls logarithmic */
    return __builtin_wasm_memory_grow(0, pages + spare) != SIZE_MAX ||
           __builtin_wasm_memory_grow(0, pages) != SIZE_MAX;
}

/* Output may go on to here: a reason for every message that is still to come must fit behind it. */
static void set_limits(void) {
    uint64_t memory = (uint64_t)__builtin_wasm_memory_size(0) * PAGE;
    if (memory > (1ull << 32) - PAGE) memory = (1ull << 32) - PAGE;
    mg_out.limit = (uint8_t *)(uintptr_t)(memory - PADDING - (uint64_t)REASON_MAX * (sources - source));
    entries_limit = entries + (uint64_t)ENTRY * (entries_room - (sources - source - 1));
}

bool mg_grow(uint32_t bytes) {
    uint64_t end = address(mg_out.at) + bytes + PADDING + (uint64_t)REASON_MAX * (sources - source);
    if (mg_out.full || !reach(end)) {
        mg_out.full = true;
        return false;
    }
    set_limits();
    return true;
}

/* Moves the output, and with `with_entries` the entries too, up by `by` bytes. */
static bool move_up(uint64_t by, bool with_entries) {
    uint8_t *from = with_entries ? entries : output;
    if (mg_out.full || !reach(address(mg_out.at) + by + PADDING + (uint64_t)REASON_MAX * (sources - source))) {
        mg_out.full = true;
        return false;
    }
    __builtin_memmove(from + by, from, (size_t)(mg_out.at - from));
    output += by, output_at += by, message_output += by, mg_out.at += by;
    if (with_entries) entries += by, entries_at += by;
    return true;
}

void *mg_keep(uint64_t bytes) {
    uint64_t start = align(address(kept_end));
    if (bytes > UINT32_MAX || !reach(start + bytes)) return NULL;
    kept_end = (uint8_t *)(uintptr_t)(start + bytes);
    return (void *)(uintptr_t)start;
}

void *mg_scratch(uint64_t bytes) {
    uint64_t used = (uint64_t)(scratch_at - scratch), need = used + align(bytes);
    if (bytes > UINT32_MAX / 2) {
        mg_out.full = true;
        return NULL;
    }
    if (need > scratch_room) {
        uint64_t room = align(need * 2);
        if (!move_up(room - scratch_room, true)) return NULL;
        scratch_room = (uint32_t)room;
        set_limits();
    }
    uint8_t *start = scratch_at;
    scratch_at = scratch + need;
    return start;
}

/* The buffer that the host fills before the very next mg_configure or mg_transform. Without the memory for it we
 * trap: a host that didn't look at a 0 would write over our statics. */
EXPORT("mg_alloc") uint8_t *mg_alloc(uint32_t len) {
    if (!kept_end) kept_end = &__heap_base;
    uint64_t start = align(address(kept_end));
    if (!reach(start + len + PADDING)) __builtin_trap();
    return (uint8_t *)(uintptr_t)start;
}

/* ---- Outputs ---- */

static void add_entry(uint32_t status) {
    put32(entries_at, source);
    put32(entries_at + 4, status);
    put32(entries_at + 8, (uint32_t)(mg_out.at - output));
    entries_at += ENTRY;
    output_at = mg_out.at;
}

uint32_t mg_written(void) { return (uint32_t)(mg_out.at - output_at); }

static bool entry_room(void) {
    if (entries_at < entries_limit) return !mg_out.full;
    uint64_t room = (uint64_t)entries_room * 2 + 64;
    if (!move_up((room - entries_room) * ENTRY, false)) return false;
    entries_room = (uint32_t)room;
    set_limits();
    return true;
}

void mg_pass(void) {
    if (entry_room()) add_entry(PASS);
}

void mg_drop(void) {
    mg_out.at = output_at;
    if (entry_room()) add_entry(DROP);
}

static void write_reason(const char *code, uint32_t offset) {
    uint8_t *out = mg_out.at;
    for (uint32_t i = 0; code[i] && i < CODE_MAX; i++) *out++ = (uint8_t)code[i];
    if (offset != MG_NOWHERE) {
        uint8_t digits[NUMBER_MAX], *at = digits + NUMBER_MAX;
        do *--at = (uint8_t)('0' + offset % 10);
        while (offset /= 10);
        *out++ = ' ';
        while (at < digits + NUMBER_MAX) *out++ = *at++;
    }
    mg_out.at = out;
}

void mg_refuse(const char *code, uint32_t offset) {
    mg_out.at = output_at;
    if (!entry_room() || !mg_room(REASON_MAX)) return;
    write_reason(code, offset);
    add_entry(REFUSE);
}

/* Always has the room: set_limits keeps an entry and a reason back for every message. */
void mg_refuse_message(const char *code, uint32_t offset) {
    if (mg_out.full) code = "too_large", offset = MG_NOWHERE;
    mg_out.at = message_output;
    entries_at = entries + (uint64_t)ENTRY * message_entry;
    write_reason(code, offset);
    add_entry(REFUSE);
}

void mg_count(uint32_t counter, uint32_t add) {
    uint32_t sum = counts[counter] + add;
    counts[counter] = sum < add ? UINT32_MAX : sum;
}

/* ---- The calls ---- */

EXPORT("mg_configure") int32_t mg_configure(const uint8_t *text, uint32_t len) {
    configured = false;
    error_len = 0;
    uint8_t *start = &__heap_base; /* over what an earlier configuration kept, from wherever the host put this one */
    __builtin_memmove(start, text, len);
    kept_end = start + len + 1; /* within mg_alloc's padding */
    mg_json json;
    mg_json_open(&json, start, len);
    configured = mg_on_configure(&json) && mg_json_close(&json);
    if (!configured && !json.failed) mg_json_fail(&json, "is not accepted");
    return configured ? 0 : 1;
}

/* Room for the report, whatever its numbers become. */
static uint32_t report_max(void) {
    uint32_t bytes = 2;
    for (uint32_t i = 0; mg_counters[i]; i++) bytes += mg_length(mg_counters[i]) + 4 + NUMBER_MAX;
    return bytes;
}

/* Writes the report so that it ends at `end`, from its last byte to its first; returns where it starts. */
static uint8_t *write_report(uint8_t *end) {
    uint8_t *at = end;
    *--at = '}';
    uint32_t number = 0;
    while (mg_counters[number]) number++;
    bool first = true;
    while (number--) {
        uint32_t count = counts[number];
        if (!count) continue;
        if (!first) *--at = ',';
        first = false;
        do *--at = (uint8_t)('0' + count % 10);
        while (count /= 10);
        *--at = ':', *--at = '"';
        for (uint32_t i = mg_length(mg_counters[number]); i--;) *--at = (uint8_t)mg_counters[number][i];
        *--at = '"';
    }
    *--at = '{';
    return at;
}

static uint64_t finish(void) {
    uint8_t *report = write_report(output);
    uint32_t count = (uint32_t)(entries_at - entries) / ENTRY;
    uint8_t *start = report - 4 - ENTRY * count - 4;
    put32(report - 4, (uint32_t)(output - report));
    __builtin_memmove(start + 4, entries, ENTRY * count);
    put32(start, count);
    return pack(start, (uint32_t)(mg_out.at - start));
}

static bool lay_out(uint64_t after_input) {
    scratch = scratch_at = (uint8_t *)(uintptr_t)align(after_input);
    if (entries_room < sources) entries_room = sources;
    front = 8 + report_max();
    uint64_t first_entry = address(scratch) + scratch_room;
    uint64_t first_byte = first_entry + (uint64_t)ENTRY * entries_room + front;
    if (!reach(first_byte + (uint64_t)REASON_MAX * sources + PADDING)) return false;
    entries = entries_at = (uint8_t *)(uintptr_t)first_entry;
    output = output_at = mg_out.at = (uint8_t *)(uintptr_t)first_byte;
    __builtin_memset(counts, 0, sizeof counts);
    return true;
}

static void transform_one(mg_message message) {
    mg_out.full = false;
    scratch_at = scratch;
    message_output = output_at = mg_out.at;
    message_entry = (uint32_t)(entries_at - entries) / ENTRY;
    set_limits();
    mg_on_message(message);
    if (mg_out.full) mg_refuse_message("too_large", MG_NOWHERE);
    else if ((uint32_t)(entries_at - entries) / ENTRY == message_entry) mg_drop();
    mg_out.at = output_at; /* what was written and never passed is nobody's */
}

EXPORT("mg_transform") uint64_t mg_transform(uint8_t *frame, uint32_t len) {
    if (!configured) return broken_frame("mg_transform was called before a configuration was accepted");
    if (len < 4 || get32(frame) > (len - 4) / 4) return broken_frame("the frame is shorter than its table");
    sources = get32(frame);
    const uint8_t *ends = frame + 4;
    uint8_t *bytes = frame + 4 + 4 * sources;
    uint32_t total = len - 4 - 4 * sources, start = 0;
    for (uint32_t i = 0; i < sources; i++) {
        uint32_t end = get32(ends + 4 * i);
        if (end < start || end > total) return broken_frame("the frame's ends are out of order");
        start = end;
    }
    if (start != total) return broken_frame("the frame's last end is not the end of its bytes");
    source = 0;
    if (!lay_out(address(frame) + len + PADDING)) {
        entries_room = scratch_room = 0; /* what an earlier batch needed must not stand in this one's way */
        if (!lay_out(address(frame) + len + PADDING))
            return broken_frame("there is no memory for the frame of the result");
    }
    start = 0;
    for (source = 0; source < sources; source++) {
        uint32_t end = get32(ends + 4 * source);
        transform_one((mg_message){bytes + start, end - start});
        start = end;
    }
    return finish();
}
