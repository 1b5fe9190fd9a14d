/* The columns of a document: what stands before each value, and which type it has. */
#ifndef COLUMNS_H
#define COLUMNS_H

#include "../sdk/c/maskgate.h"

enum type { STRING, NUMBER, INTEGER, BOOLEAN };

struct column {
    mg_text name; /* as it goes into the output: `,"escaped":`; 16 bytes after it may be read */
    uint32_t type;
};

struct columns {
    struct column *list; /* in the document's order */
    uint32_t *sorted;    /* places in `list`, by name, then by place */
    uint32_t count;
};

/* Columns from their names written one after another, each as `,"escaped":`. `names` is kept, not copied.
 * `allocate` is mg_keep or mg_scratch. False: no memory. */
bool columns_from_names(struct columns *columns, mg_text names, void *(*allocate)(uint64_t));

/* Place of the first column whose name an earlier one has already, or columns->count. */
uint32_t columns_duplicate(const struct columns *columns);

/* Place of the column of that name (`,"escaped":`), or columns->count. */
uint32_t columns_find(const struct columns *columns, mg_text name);

/* Whether `text` may stand in JSON as a value of `type` (not STRING), as it is. */
bool type_fits(uint32_t type, const uint8_t *text, const uint8_t *end);

#endif
