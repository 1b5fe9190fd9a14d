#include "configuration.h"

struct configuration config;

/* Names as the configuration lists them, in the form that columns_from_names reads. */
struct names {
    uint8_t *data;
    uint64_t len, room;
};

static bool add_name(struct names *names, mg_text name) {
    uint64_t need = names->len + (uint64_t)name.len * MG_ESCAPE_MAX + 4 + 16;
    if (need > names->room) {
        uint8_t *wider = mg_keep(need * 2);
        if (!wider) return false;
        if (names->len) __builtin_memcpy(wider, names->data, (size_t)names->len);
        names->data = wider, names->room = need * 2;
    }
    uint8_t *out = names->data + names->len;
    *out++ = ',', *out++ = '"';
    for (uint32_t i = 0; i < name.len; i++) {
        if (name.data[i] < 0x80) out = mg_escape(out, name.data[i]);
        else *out++ = name.data[i];
    }
    *out++ = '"', *out++ = ':';
    names->len = (uint64_t)(out - names->data);
    return true;
}

static bool keep_names(struct columns *columns, const struct names *names) {
    return columns_from_names(columns, (mg_text){names->data, (uint32_t)names->len}, mg_keep);
}

static bool read_columns(mg_json *json) {
    struct names names = {0};
    if (!mg_json_array(json)) return false;
    while (mg_json_item(json)) {
        mg_text name = mg_json_string(json);
        if (!json->failed && !add_name(&names, name)) mg_json_fail(json, "leaves no memory");
    }
    if (json->failed) return false;
    if (!names.len) return mg_json_fail(json, "must name a column");
    if (!keep_names(&config.columns, &names)) return mg_json_fail(json, "leaves no memory");
    if (columns_duplicate(&config.columns) < config.columns.count)
        return mg_json_fail(json, "names a column twice");
    return config.has_columns = true;
}

static bool read_types(mg_json *json) {
    static const char *const options[] = {"string", "number", "integer", "boolean", NULL};
    struct names names = {0};
    uint32_t *types = NULL, count = 0, room = 0;
    mg_text column;
    if (!mg_json_object(json)) return false;
    while (mg_json_member(json, &column)) {
        uint32_t type = mg_json_choice(json, options, "must be string, number, integer or boolean");
        if (json->failed) return false;
        if (count == room) {
            uint32_t *wider = mg_keep(((uint64_t)room * 2 + 16) * sizeof *types);
            if (!wider) return mg_json_fail(json, "leaves no memory");
            if (count) __builtin_memcpy(wider, types, count * sizeof *types);
            types = wider, room = room * 2 + 16;
        }
        types[count++] = type;
        if (!add_name(&names, column)) return mg_json_fail(json, "leaves no memory");
    }
    if (json->failed || !count) return !json->failed;
    if (!keep_names(&config.types, &names)) return mg_json_fail(json, "leaves no memory");
    for (uint32_t i = 0; i < count; i++) config.types.list[i].type = types[i];
    return true;
}

void bind_types(struct columns *columns) {
    if (!config.types.count) return;
    for (uint32_t i = 0; i < columns->count; i++) {
        uint32_t found = columns_find(&config.types, columns->list[i].name);
        if (found < config.types.count) columns->list[i].type = config.types.list[found].type;
    }
}

static bool read_delimiter(mg_json *json) {
    mg_text text = mg_json_string(json);
    if (json->failed) return false;
    uint8_t c = text.len == 1 ? text.data[0] : '"';
    if (!c || c >= 0x80 || c == '"' || c == '\r' || c == '\n')
        return mg_json_fail(json, "must be one ASCII character, and not a quote, a line end or NUL");
    config.delimiter = c;
    return true;
}

bool mg_on_configure(mg_json *json) {
    static const char *const empties[] = {"string", "null", "omit", NULL};
    __builtin_memset(&config, 0, sizeof config);
    config.header = true;
    config.delimiter = ',';
    mg_text key;
    if (!mg_json_object(json)) return false;
    while (mg_json_member(json, &key)) {
        if (mg_is(key, "header")) config.header = mg_json_boolean(json);
        else if (mg_is(key, "columns")) read_columns(json);
        else if (mg_is(key, "delimiter")) read_delimiter(json);
        else if (mg_is(key, "types")) read_types(json);
        else if (mg_is(key, "empty")) config.empty = mg_json_choice(json, empties, "must be string, null or omit");
        else if (mg_is(key, "trim")) config.trim = mg_json_boolean(json);
        else mg_json_fail(json, "is not known");
    }
    if (json->failed) return false;
    if (!config.header && !config.has_columns) return mg_json_fail(json, "needs columns where header is false");
    if (!config.has_columns) return true;
    for (uint32_t i = 0; i < config.types.count; i++) {
        mg_text name = config.types.list[i].name;
        if (columns_find(&config.columns, name) < config.columns.count) continue;
        name = (mg_text){name.data + 2, name.len - 4}; /* without `,"` and `":` */
        return mg_json_fail_of(json, name, "has a type and is not among columns");
    }
    bind_types(&config.columns);
    return true;
}
