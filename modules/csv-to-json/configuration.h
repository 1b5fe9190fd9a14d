/* What the policy's author has set (the schema is in manifest.yaml). */
#ifndef CONFIGURATION_H
#define CONFIGURATION_H

#include "columns.h"

enum empty { EMPTY_STRING, EMPTY_NULL, EMPTY_OMIT };

struct configuration {
    bool header;
    bool trim;
    uint8_t delimiter;
    uint32_t empty;
    bool has_columns;
    struct columns columns; /* when the configuration names them */
    struct columns types;   /* the columns that have a type */
};
extern struct configuration config;

/* Gives columns of a header the types that the configuration has for their names. */
void bind_types(struct columns *columns);

#endif
