#include "columns.h"

/* Length of the `,"escaped":` that `names` starts with. */
static uint32_t name_length(const uint8_t *names) {
    uint32_t at = 2;
    while (names[at] != '"') at += names[at] == '\\' ? 2 : 1;
    return at + 2;
}

static bool before(const struct columns *columns, uint32_t a, uint32_t b) {
    int order = mg_compare(columns->list[a].name, columns->list[b].name);
    return order ? order < 0 : a < b;
}

static void sift_down(const struct columns *columns, uint32_t root, uint32_t count) {
    uint32_t *heap = columns->sorted;
    for (uint32_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && before(columns, heap[child], heap[child + 1])) child++;
        if (!before(columns, heap[root], heap[child])) return;
        uint32_t swap = heap[root];
        heap[root] = heap[child], heap[child] = swap;
    }
}

/* Heap sort: no header, however it is made, costs more than n log n (a hash table could be made to). */
static void sort(const struct columns *columns) {
    uint32_t *heap = columns->sorted;
    for (uint32_t i = columns->count / 2; i--;) sift_down(columns, i, columns->count);
    for (uint32_t last = columns->count; last-- > 1;) {
        uint32_t swap = heap[0];
        heap[0] = heap[last], heap[last] = swap;
        sift_down(columns, 0, last);
    }
}

bool columns_from_names(struct columns *columns, mg_text names, void *(*allocate)(uint64_t)) {
    uint32_t count = 0;
    for (uint32_t at = 0; at < names.len; at += name_length(names.data + at)) count++;
    *columns = (struct columns){.count = count};
    columns->list = allocate((uint64_t)count * sizeof *columns->list);
    if (!columns->list) return false;
    columns->sorted = allocate((uint64_t)count * sizeof *columns->sorted);
    if (!columns->sorted) return false;
    for (uint32_t i = 0, at = 0; i < count; i++) {
        uint32_t len = name_length(names.data + at);
        columns->list[i] = (struct column){{names.data + at, len}, STRING};
        columns->sorted[i] = i;
        at += len;
    }
    sort(columns);
    return true;
}

uint32_t columns_duplicate(const struct columns *columns) {
    uint32_t first = columns->count;
    for (uint32_t i = 1; i < columns->count; i++) {
        uint32_t one = columns->sorted[i - 1], other = columns->sorted[i];
        if (other < first && mg_compare(columns->list[one].name, columns->list[other].name) == 0) first = other;
    }
    return first;
}

uint32_t columns_find(const struct columns *columns, mg_text name) {
    uint32_t low = 0, high = columns->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = mg_compare(columns->list[columns->sorted[middle]].name, name);
        if (order == 0) return columns->sorted[middle];
        if (order < 0) low = middle + 1;
        else high = middle;
    }
    return columns->count;
}

static const uint8_t *digits(const uint8_t *at, const uint8_t *end) {
    while (at < end && *at >= '0' && *at <= '9') at++;
    return at;
}

/* RFC 8259 section 6: [ "-" ] ( "0" / digit1-9 *DIGIT ) [ "." 1*DIGIT ] [ ( "e" / "E" ) [ "-" / "+" ] 1*DIGIT ] */
static bool is_number(const uint8_t *at, const uint8_t *end, bool integer) {
    if (at < end && *at == '-') at++;
    const uint8_t *after = digits(at, end);
    if (after == at || (*at == '0' && after > at + 1)) return false;
    at = after;
    if (integer || at == end) return at == end;
    if (*at == '.') {
        after = digits(++at, end);
        if (after == at) return false;
        at = after;
    }
    if (at < end && (*at | 0x20) == 'e') {
        at++;
        if (at < end && (*at == '+' || *at == '-')) at++;
        after = digits(at, end);
        if (after == at) return false;
        at = after;
    }
    return at == end;
}

static bool equals(const uint8_t *at, const uint8_t *end, const char *word) {
    uint32_t len = mg_length(word);
    return mg_compare((mg_text){at, (uint32_t)(end - at)}, (mg_text){(const uint8_t *)word, len}) == 0;
}

bool type_fits(uint32_t type, const uint8_t *text, const uint8_t *end) {
    if (type == BOOLEAN) return equals(text, end, "true") || equals(text, end, "false");
    return is_number(text, end, type == INTEGER);
}
