/* A stand-in for the maker's library: the machine of the standalone simulator, standing in mid-cut.

   Written from the structures that the driver documents; like the real one it wants a start of the process first,
   refuses a handle in any thread but the one that got it (-8), and checks lengths. Port 1 is a host that is not
   there (-16); parameter 31998 takes a second; port 2 loses its control at the first statinfo (-16).
   long is 4 bytes, as in the real one. */
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

typedef uint16_t handle_t;
typedef int32_t i32;
typedef int16_t i16;

static int started;
static int given;
static pthread_t owner[64];
static int lost[64];
static int port_of[64];
static i16 path_of[64];
static int uploaded[64];
int standin_freed;

static i16 check(handle_t h) {
    if (h == 0 || h >= 64 || !pthread_equal(owner[h], pthread_self())) return -8;
    return lost[h] ? -16 : 0;
}
#define MINE(h) do { i16 wrong = check(h); if (wrong) return wrong; } while (0)

i16 cnc_startupprocess(long level, const char *log) { (void)log; if (level > 3) return 3; started = 1; return 0; }
i16 cnc_allclibhndl3(const char *host, uint16_t port, long timeout, handle_t *out) {
    (void)host; (void)timeout;
    if (!started) return -15;
    if (port == 1) return -16;
    handle_t h = (handle_t)(++given % 63 + 1);
    owner[h] = pthread_self(); lost[h] = 0; port_of[h] = port; path_of[h] = 1; uploaded[h] = 0;
    *out = h;
    return 0;
}
i16 cnc_freelibhndl(handle_t h) { if (!pthread_equal(owner[h], pthread_self())) return -8; standin_freed++; return 0; }
i16 cnc_setpath(handle_t h, i16 path) { MINE(h); if (path < 1 || path > 2) return 11; path_of[h] = path; return 0; }
i16 cnc_getpath(handle_t h, i16 *path, i16 *most) { MINE(h); *path = path_of[h]; *most = 2; return 0; }

i16 cnc_sysinfo(handle_t h, char *out) {
    MINE(h);
    i16 head[2] = {0x0202, 32};
    memcpy(out, head, 4);
    memcpy(out + 4, "31 MG42152.003", 14);
    return 0;
}
i16 cnc_rdcncid(handle_t h, i32 *out) { MINE(h); for (int n = 0; n < 4; n++) out[n] = 0x1000 + n; return 0; }
i16 cnc_statinfo(handle_t h, i16 *out) {
    if (h && h < 64 && port_of[h] == 2) lost[h] = 1;
    MINE(h);
    i16 words[9] = {0, 1, 1, 3, 1, 0, 0, 1, 0};
    memcpy(out, words, sizeof words);
    return 0;
}
i16 cnc_alarm2(handle_t h, i32 *out) { MINE(h); *out = 64; return 0; }
i16 cnc_rdalmmsg2(handle_t h, i16 type, i16 *count, char *out) {
    MINE(h); (void)type;
    i32 number = 417; i16 rest[4] = {6, 2, 0, 11};
    memcpy(out, &number, 4); memcpy(out + 4, rest, 8); memcpy(out + 12, "SERVO ALARM", 12);
    *count = 1;
    return 0;
}
i16 cnc_rdtimer(handle_t h, i16 type, i32 *out) {
    MINE(h);
    static const i32 minutes[5] = {525600, 12345, 6789, 2, 0}, ms[5] = {0, 30000, 59999, 31000, 0};
    if (type < 0 || type > 4) return 4;
    out[0] = minutes[type]; out[1] = ms[type];
    return 0;
}
i16 cnc_rdseqnum(handle_t h, i32 *out) { MINE(h); out[1] = 35; return 0; }
i16 cnc_exeprgname(handle_t h, char *out) {
    MINE(h);
    i32 number = path_of[h];
    memset(out, 0, 36); memcpy(out, "O0001", 5); memcpy(out + 36, &number, 4);
    return 0;
}
i16 cnc_exeprgname2(handle_t h, char *out) { MINE(h); strcpy(out, "//CNC_MEM/USER/PATH1/O0001"); return 0; }
i16 cnc_rdaxisname(handle_t h, i16 *count, char *out) { MINE(h); memcpy(out, "X\0Y\0Z\0", 6); *count = 3; return 0; }
i16 cnc_rdspdlname(handle_t h, i16 *count, char *out) { MINE(h); memcpy(out, "S1\0\0", 4); *count = 1; return 0; }

static void element(char *out, i32 data, i16 dec, char name) {
    i16 words[3] = {dec, 0, 1};
    memcpy(out, &data, 4); memcpy(out + 4, words, 6); out[10] = name; out[11] = 0;
}
static const i32 places[4][3] = {{123456, -45678, 7890}, {-100000, -200000, -300500}, {1000, 2000, 3000}, {500, 0, -250}};
i16 cnc_rdposition(handle_t h, i16 type, i16 *count, char *out) {
    MINE(h);
    if (type != -1) return 4;
    for (int axis = 0; axis < 3; axis++)
        for (int kind = 0; kind < 4; kind++) element(out + 48 * axis + 12 * kind, places[kind][axis], 3, "XYZ"[axis]);
    *count = 3;
    return 0;
}
i16 cnc_rddynamic2(handle_t h, i16 axis, i16 length, char *out) {
    MINE(h);
    if (axis != -1 || length < 28 + 4 * 4 * 3) return 2;
    i32 head[6] = {64, path_of[h], 1, 35, 1500, 8000};
    memcpy(out + 2, &axis, 2); memcpy(out + 4, head, 24); memcpy(out + 28, places, 48);
    return 0;
}
i16 cnc_actf(handle_t h, i32 *out) { MINE(h); out[1] = 1500; return 0; }
i16 cnc_acts(handle_t h, i32 *out) { MINE(h); out[1] = 8000; return 0; }
i16 cnc_acts2(handle_t h, i16 spindle, i32 *out) { MINE(h); (void)spindle; out[1] = 8000; return 0; }
static void load(char *out, i32 data, i16 unit, const char *name) {
    i16 words[2] = {0, unit};
    memcpy(out, &data, 4); memcpy(out + 4, words, 4); memcpy(out + 8, name, 2); out[10] = out[11] = 0;
}
i16 cnc_rdsvmeter(handle_t h, i16 *count, char *out) {
    MINE(h);
    load(out, 12, 0, "X"); load(out + 12, 34, 0, "Y"); load(out + 24, 56, 0, "Z");
    *count = 3;
    return 0;
}
i16 cnc_rdspmeter(handle_t h, i16 type, i16 *count, char *out) {
    MINE(h); (void)type;
    load(out, 45, 0, "S1"); load(out + 12, 8000, 1, "S1");
    *count = 1;
    return 0;
}

static i16 record(i16 number, i16 axis, i16 length, char *out, int size, int per_axis, const i32 *data, int count) {
    int wanted = 4 + size * (axis == -1 ? 32 : 1);
    if (length != wanted) return 2;
    if (per_axis && axis == 0) return 4;
    memcpy(out, &number, 2); memcpy(out + 2, &axis, 2);
    memset(out + 4, 0, (size_t)(wanted - 4));
    if (axis == -1) for (int n = 0; n < count; n++) memcpy(out + 4 + size * n, &data[n], size == 8 ? 4 : (size_t)size);
    else memcpy(out + 4, &data[axis > 0 ? axis - 1 : 0], size == 8 ? 4 : (size_t)size);
    if (size == 8) for (int n = 0; n < (axis == -1 ? count : 1); n++) { i32 dec = 3; memcpy(out + 8 + 8 * n, &dec, 4); }
    return 0;
}
i16 cnc_rdparam(handle_t h, i16 number, i16 axis, i16 length, char *out) {
    MINE(h);
    static const i32 byte = 4, parts = 42, total = 4711, required = 100, limits[3] = {500000, 400000, 300000};
    switch (number) {
    case 20: return record(number, axis, length, out, 1, 0, &byte, 1);
    case 1320: return record(number, axis, length, out, 8, 1, limits, 3);
    case 6711: return record(number, axis, length, out, 4, 0, &parts, 1);
    case 6712: return record(number, axis, length, out, 4, 0, &total, 1);
    case 6713: return record(number, axis, length, out, 4, 0, &required, 1);
    case 31998: sleep(1); return 3;
    }
    return 3;
}
i16 cnc_diagnoss(handle_t h, i16 number, i16 axis, i16 length, char *out) {
    MINE(h);
    static const i32 heat[3] = {41, 42, 55}, spindle = 48;
    if (number == 308) return record(number, axis, length, out, 1, 1, heat, 3);
    if (number == 403) return record(number, axis, length, out, 1, 1, &spindle, 1);
    return 3;
}
i16 cnc_rdmacro(handle_t h, i16 number, i16 length, char *out) {
    MINE(h);
    if (length != 10) return 2;
    if (number != 500 && number != 502) return 3;
    i32 value = number == 500 ? 123456 : 0; i16 dec = number == 500 ? 3 : -1;
    memcpy(out, &number, 2); memcpy(out + 4, &value, 4); memcpy(out + 8, &dec, 2);
    return 0;
}
i16 cnc_rdcommand(handle_t h, i16 type, i16 block, i16 *count, char *out) {
    MINE(h); (void)type; (void)block;
    i32 tool = 5, dec = 0; i16 flag = 0;
    out[0] = 'T'; out[1] = 0; memcpy(out + 2, &flag, 2); memcpy(out + 4, &tool, 4); memcpy(out + 8, &dec, 4);
    *count = 1;
    return 0;
}
i16 cnc_modal(handle_t h, i16 type, i16 block, char *out) {
    MINE(h); (void)block;
    i32 value = type == 106 ? 3 : 5;
    memcpy(out, &type, 2); memcpy(out + 4, &value, 4); out[8] = (char)0x80; out[9] = 0;
    return 0;
}
i16 cnc_rdprogdir3(handle_t h, i16 type, i32 *top, i16 *count, char *out) {
    MINE(h);
    static const i32 numbers[3] = {1, 100, 1234};
    i16 found = 0, when[6] = {2026, 11, 22, 12, 34, 0};
    if (type != 2) return 4;
    for (int n = 0; n < 3 && found < *count; n++)
        if (numbers[n] >= *top) {
            char *at = out + 88 * found++;
            i32 length = 31;
            memset(at, 0, 88);
            memcpy(at, &numbers[n], 4); memcpy(at + 4, &length, 4); memcpy(at + 12, "(PART)", 6); memcpy(at + 64, when, 12);
        }
    *count = found;
    return 0;
}
static const char text[] = "%\nO0077(DL)\nG90\nM30\n%";
i16 cnc_upstart4(handle_t h, i16 type, const char *name) {
    MINE(h);
    if (type != 0 || strcmp(name, "O0077")) return 5;
    uploaded[h] = -1;
    return 0;
}
i16 cnc_upload4(handle_t h, i32 *length, char *out) {
    MINE(h);
    if (uploaded[h] == -1) { uploaded[h] = 0; return 10; }
    i32 left = (i32)sizeof text - 1 - uploaded[h];
    if (left <= 0) return -2;
    *length = left < 8 ? left : 8;
    memcpy(out, text + uploaded[h], (size_t)*length);
    uploaded[h] += *length;
    return 0;
}
i16 cnc_upend4(handle_t h) { MINE(h); return 0; }
i16 pmc_rdpmcrng(handle_t h, i16 area, i16 width, uint16_t first, uint16_t last, uint16_t length, char *out) {
    MINE(h);
    if (area == 0 && first == 12 && last == 30 && width == 0 && length == 8 + 19) {
        memset(out, 0, 27); out[8] = (char)155; out[8 + 2] = 100; out[8 + 18] = 100;
        return 0;
    }
    if (area == 9 && width == 1 && length == 8 + 4) { i16 cells[2] = {-14900, 7}; memcpy(out + 8, cells, 4); return 0; }
    return 3;
}
