/* SPDX-License-Identifier: MIT */
/** @file The keys of a machine file: reader, checks and docs/SPEC.md are drawn from
 * here. */
#include "model/hw_raw.h"

#define SECONDS_OR_CYCLES                                                              \
    (PSIM_DIM_BIT(PSIM_DIM_SECONDS) | PSIM_DIM_BIT(PSIM_DIM_CYCLES))
#define BYTES PSIM_DIM_BIT(PSIM_DIM_BYTES)
#define BANDWIDTH                                                                      \
    (PSIM_DIM_BIT(PSIM_DIM_BYTES_PER_S) | PSIM_DIM_BIT(PSIM_DIM_BYTES_PER_CYCLE))

const struct psim_choice psim_launch_mode_choices[] = {
    {"stream", PSIM_LAUNCH_STREAM},
    {"graph", PSIM_LAUNCH_GRAPH},
    {NULL, 0},
};

static const struct psim_choice access_choices[] = {
    {"read-write", 0},
    {"read-only", 1},
    {NULL, 0},
};

static const struct psim_choice placement_choices[] = {
    {"interleaved", PSIM_PLACE_INTERLEAVED},
    {"private", PSIM_PLACE_PRIVATE},
    {"first_touch", PSIM_PLACE_FIRST_TOUCH},
    {NULL, 0},
};

static const struct psim_choice clock_choices[] = {
    {"group", 0},
    {"fixed", 1},
    {NULL, 0},
};

static const struct psim_choice scheduler_choices[] = {
    {"greedy_then_oldest", PSIM_SCHEDULER_GREEDY},
    {"loose_round_robin", PSIM_SCHEDULER_ROUND_ROBIN},
    {NULL, 0},
};

static const struct psim_choice dispatch_choices[] = {
    {"each", 1},
    {"stride", 2},
    {"queue", 3},
    {NULL, 0},
};

static const struct psim_choice batch_choices[] = {
    {"one", 1},
    {"many", 2},
    {NULL, 0},
};

static const struct psim_choice launch_choices[] = {
    {"stream", 1 + PSIM_LAUNCH_STREAM},
    {"graph", 1 + PSIM_LAUNCH_GRAPH},
    {NULL, 0},
};

static const struct psim_choice confidence_choices[] = {
    {"datasheet", PSIM_CONFIDENCE_DATASHEET},
    {"measured", PSIM_CONFIDENCE_MEASURED},
    {"fitted", PSIM_CONFIDENCE_FITTED},
    {"assumed", PSIM_CONFIDENCE_ASSUMED},
    {NULL, 0},
};

/* clang-format off */
#define AT(member) .offset = offsetof(struct psim_raw_group, member)
const struct psim_field psim_hw_group_fields[] = {
    {.key = "name", .kind = PSIM_FIELD_TEXT, .required = true, AT(name),
     .doc = "how other entries call it"},
    {.key = "groups", .kind = PSIM_FIELD_TEXTS, AT(groups),
     .doc = "what one is made of: a name, or a list of names", .fallback = "a leaf: it has no parts"},
    {.key = "number", .kind = PSIM_FIELD_NODE, AT(number),
     .doc = "how many of `groups`: a whole number, a list as long as `groups`, or {max: n} where the mapping chooses",
     .fallback = "1 each"},
    {.key = "runs_on", .kind = PSIM_FIELD_TEXTS, AT(runs_on),
     .doc = "makes it a software group, a bundle of program instances placed on that hardware group; of a list the first counts",
     .fallback = "hardware"},
    {.key = "holds", .kind = PSIM_FIELD_NODE, AT(holds),
     .doc = "countable capacities of one instance, e.g. {blocks: 32, warps: 16}; software groups take 1 of the capacity named like them with an s",
     .fallback = "not limited"},
    {.key = "take", .kind = PSIM_FIELD_NODE, AT(take),
     .doc = "what one instance takes of such capacities, e.g. {threads: 1}"},
    {.key = "fits", .kind = PSIM_FIELD_NODE, AT(fits),
     .doc = "of software groups that share moves: how many the machine runs at once, by their number of parts, e.g. {4: 30, 8: 15}; their parts lie together, so that some units stay empty",
     .fallback = "as many as fill all units"},
    {.key = "clock", .kind = PSIM_FIELD_FIGURE, .dims = PSIM_DIM_BIT(PSIM_DIM_HERTZ), .min = 1e-3, .max = 1e13, AT(clock),
     .doc = "clock of its cycles", .fallback = "that of the group it lies in, else of a part; if none has one, 1 GHz is assumed"},
    {.key = "issue", .kind = PSIM_FIELD_FIGURE,
     .dims = PSIM_DIM_BIT(PSIM_DIM_OP_PER_CYCLE) | PSIM_DIM_BIT(PSIM_DIM_OP_PER_S), .min = 1e-6, .max = 1e18, AT(issue),
     .doc = "invocations that one instance starts", .fallback = "not limited"},
    {.key = "energy", .kind = PSIM_FIELD_FIGURE, .dims = PSIM_DIM_BIT(PSIM_DIM_J_PER_OP), .max = 1, AT(energy),
     .doc = "of starting one invocation, beside what the operation itself takes: fetch, decode, operands",
     .fallback = "it counts in that of the operations"},
    {.key = "scheduler", .kind = PSIM_FIELD_CHOICE, .choices = scheduler_choices, AT(scheduler),
     .doc = "whom one instance serves: greedy_then_oldest, one until it waits; loose_round_robin, all in turn, so that equal programs stay in phase and their pipes take turns (eq. M7)",
     .fallback = "greedy_then_oldest"},
    {.key = "in_phase", .kind = PSIM_FIELD_FIGURE, .max = 1, AT(in_phase),
     .doc = "of the time for which they stay so: 1 is always", .fallback = "1 with loose_round_robin, else 0"},
    {.key = "fetched_in_phase", .kind = PSIM_FIELD_FIGURE, .max = 1, AT(fetched_in_phase),
     .doc = "the same of fetches to registers, which run ahead of their use", .fallback = "0: never"},
    {.key = "in_flight", .kind = PSIM_FIELD_COUNT, .max = 1e6, AT(in_flight),
     .doc = "instructions that one instance looks ahead", .fallback = "in order: it stalls at the first use"},
    {.key = "lock_step", .unused = true, .kind = PSIM_FIELD_BOOL, AT(lock_step), .doc = "its parts are masked together", .fallback = "false"},
    {.key = "start", .kind = PSIM_FIELD_FIGURE, .dims = SECONDS_OR_CYCLES, .max = 1e9, AT(start),
     .doc = "placing one instance", .fallback = "0"},
    {.key = "place", .kind = PSIM_FIELD_FIGURE,
     .dims = PSIM_DIM_BIT(PSIM_DIM_OP_PER_CYCLE) | PSIM_DIM_BIT(PSIM_DIM_OP_PER_S), .min = 1e-6, .max = 1e18, AT(place),
     .doc = "instances that the machine places on all units together", .fallback = "not limited"},
    {.key = "barrier", .kind = PSIM_FIELD_FIGURE, .dims = SECONDS_OR_CYCLES, .max = 1e9, AT(barrier),
     .doc = "meeting of all parts of one instance", .fallback = "its parts cannot meet"},
    {.key = "launch", .kind = PSIM_FIELD_FIGURES, .dims = PSIM_DIM_BIT(PSIM_DIM_SECONDS), .max = 1e3,
     .choices = psim_launch_mode_choices, AT(launch),
     .doc = "from the end of one kernel to the start of the next, by launch mode", .fallback = "0"},
    {.key = "host", .kind = PSIM_FIELD_FIGURES, .dims = PSIM_DIM_BIT(PSIM_DIM_SECONDS), .max = 1e3,
     .choices = psim_launch_mode_choices, AT(host),
     .doc = "time of the host for one launch, by launch mode: kernels follow no faster", .fallback = "0"},
    {.key = "note", .kind = PSIM_FIELD_TEXT, AT(note), .doc = "for people"},
    {0},
};
#undef AT

#define AT(member) .offset = offsetof(struct psim_raw_port, member)
static const struct psim_field port_fields[] = {
    {.key = "of", .kind = PSIM_FIELD_TEXT, .required = true, AT(of), .doc = "the group each of whose instances has one port"},
    {.key = "bandwidth", .kind = PSIM_FIELD_FIGURE, .dims = BANDWIDTH, .min = 1e-3, .max = 1e18, AT(bandwidth),
     .doc = "what one port carries", .fallback = "not limited"},
    {.key = "in_flight", .kind = PSIM_FIELD_FIGURE, .dims = BYTES, .min = 1, .max = 1e15, AT(in_flight),
     .doc = "bytes one port may have outstanding: with the memory's latency they bound its rate (Little's law)",
     .fallback = "not limited"},
    {0},
};
#undef AT

#define AT(member) .offset = offsetof(struct psim_raw_memory, member)
const struct psim_field psim_hw_memory_fields[] = {
    {.key = "name", .kind = PSIM_FIELD_TEXT, .required = true, AT(name), .doc = "how other entries call it"},
    {.key = "shared_across", .kind = PSIM_FIELD_TEXT, .required = true, AT(shared_across),
     .doc = "the hardware group each of whose instances has one; its parts share it"},
    {.key = "size", .kind = PSIM_FIELD_FIGURE, .dims = BYTES, .min = 1, .max = 1e18, AT(size),
     .doc = "of one instance; what an op's tensors need must fit their memory", .fallback = "not limited"},
    {.key = "latency", .kind = PSIM_FIELD_FIGURE, .dims = SECONDS_OR_CYCLES, .max = 1e9, AT(latency),
     .doc = "from the request to the data; for a cache, of a hit", .fallback = "0"},
    {.key = "write_latency", .kind = PSIM_FIELD_FIGURE, .dims = SECONDS_OR_CYCLES, .max = 1e9, AT(write_latency),
     .doc = "from a store to its acknowledgement", .fallback = "`latency`"},
    {.key = "bandwidth", .kind = PSIM_FIELD_NODE, .fields = psim_hw_rate_fields, .dims = BANDWIDTH, AT(bandwidth),
     .doc = "of one instance: a figure, or {peak: ..., read: ..., write: ...} with achieved fractions of the peak",
     .fallback = "no limit beside the latency: one access in flight a lane; without a latency either, not limited"},
    {.key = "duplex", .kind = PSIM_FIELD_BOOL, AT(duplex), .doc = "reads and writes each have its bandwidth", .fallback = "false: they share it"},
    {.key = "access", .kind = PSIM_FIELD_FIGURE, .dims = BYTES, .min = 1, .max = 1e6, AT(access),
     .doc = "what one access takes of the bandwidth at least: it counts where neighbours do not ask for neighbouring bytes", .fallback = "what it asks for"},
    {.key = "sector", .kind = PSIM_FIELD_FIGURE, .dims = BYTES, .min = 1, .max = 1e6, AT(sector),
     .doc = "what such an access moves at least", .fallback = "`access`"},
    {.key = "write_back", .kind = PSIM_FIELD_FIGURE, .dims = BYTES, .max = 1e18, AT(write_back),
     .doc = "of the bytes that go through a cache, how many of the last it holds when a kernel ends: those of them that were written reach the memory below later (eq. R7)", .fallback = "0: written through"},
    {.key = "turnaround", .kind = PSIM_FIELD_FIGURE, .dims = SECONDS_OR_CYCLES, .max = 1e9, AT(turnaround),
     .doc = "what a read that finds it busy takes longer in a kernel that writes it as well: writes go before it (eq. M15)", .fallback = "0"},
    {.key = "translation", .kind = PSIM_FIELD_FIGURE, .dims = SECONDS_OR_CYCLES, .max = 1e9, AT(translation),
     .doc = "what the first read and the first write of a kernel take longer where it has been elsewhere since: addresses are translated anew (eq. T3)", .fallback = "0"},
    {.key = "partitions", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 1024, AT(partitions),
     .doc = "of a cache: parts each of which keeps what the units near it read, so that it holds so many times less of what all units read at random", .fallback = "1"},
    {.key = "access_mode", .unused = true, .kind = PSIM_FIELD_CHOICE, .choices = access_choices, AT(access_mode),
     .doc = "who may write", .fallback = "read-write"},
    {.key = "caches", .kind = PSIM_FIELD_TEXT, AT(caches),
     .doc = "the memory from which hardware fills it", .fallback = "a scratchpad: the program moves data"},
    {.key = "part_of", .kind = PSIM_FIELD_TEXT, AT(part_of), .doc = "the memory out of which it is carved: they share size and ports"},
    {.key = "placement", .unused = true, .kind = PSIM_FIELD_CHOICE, .choices = placement_choices, AT(placement),
     .doc = "several instances: one home a line (interleaved), each keeps what its side touches (private), pages beside their first writer (first_touch)",
     .fallback = "interleaved; caches private"},
    {.key = "port", .kind = PSIM_FIELD_MAP, .fields = port_fields, AT(port), .doc = "what one user of it can draw"},
    {.key = "banks", .unused = true, .kind = PSIM_FIELD_COUNT, .max = 1e6, AT(banks), .doc = "how many of its words are served at once"},
    {.key = "clock", .kind = PSIM_FIELD_CHOICE, .choices = clock_choices, AT(clock),
     .doc = "whether it slows down with the group's clock, under a load or a power cap; what is fixed also keeps its voltage", .fallback = "group"},
    {.key = "energy", .kind = PSIM_FIELD_FIGURE, .dims = PSIM_DIM_BIT(PSIM_DIM_J_PER_BYTE), .max = 1, AT(energy),
     .doc = "of one byte moved; needed of the memory of the tensors where `power: base` is given", .fallback = "it counts in that of others"},
    {.key = "note", .kind = PSIM_FIELD_TEXT, AT(note), .doc = "for people"},
    {0},
};
#undef AT

#define AT(i) .offset = offsetof(struct psim_raw_operands, home) + (i) * sizeof(struct psim_word)
static const struct psim_field operand_fields[] = {
    {.key = "a", .kind = PSIM_FIELD_TEXT, AT(0), .doc = "home of the left matrix"},
    {.key = "b", .kind = PSIM_FIELD_TEXT, AT(1), .doc = "home of the right matrix"},
    {.key = "c", .kind = PSIM_FIELD_TEXT, AT(2), .doc = "home of the sums"},
    {0},
};
#undef AT

#define AT(member) .offset = offsetof(struct psim_raw_operation, member)
const struct psim_field psim_hw_operation_fields[] = {
    {.key = "name", .kind = PSIM_FIELD_TEXT, .required = true, AT(name), .doc = "of the operation"},
    {.key = "does", .kind = PSIM_FIELD_CHOICE, .choices = psim_primitive_choices, AT(does),
     .doc = "what programs use it for", .fallback = "what its name says; else no program uses it"},
    {.key = "supported_by", .kind = PSIM_FIELD_TEXT, .required = true, AT(supported_by), .doc = "the group that issues it as one"},
    {.key = "supported_data_types", .kind = PSIM_FIELD_CHOICES, .choices = psim_dtype_choices, AT(dtypes),
     .doc = "a list", .fallback = "the keys of `throughput` where that is a map; for moves any"},
    {.key = "throughput", .kind = PSIM_FIELD_FIGURES, .choices = psim_dtype_choices,
     .dims = PSIM_DIM_BIT(PSIM_DIM_OP_PER_CYCLE) | PSIM_DIM_BIT(PSIM_DIM_OP_PER_S) | PSIM_DIM_BIT(PSIM_DIM_FLOP_PER_CYCLE) |
             PSIM_DIM_BIT(PSIM_DIM_FLOP_PER_S) | BANDWIDTH,
     .min = 1e-9, .max = 1e21, .loc_offset = offsetof(struct psim_raw_operation, throughput_at), AT(throughput),
     .doc = "of one pipe: invocations, FLOP or bytes; one for all data types or a map", .fallback = "not limited (moves only)"},
    {.key = "latency", .kind = PSIM_FIELD_FIGURES, .choices = psim_dtype_choices, .dims = SECONDS_OR_CYCLES, .max = 1e9, AT(latency),
     .doc = "from the last entry to the result", .fallback = "0"},
    {.key = "setup", .kind = PSIM_FIELD_FIGURE, .dims = SECONDS_OR_CYCLES, .max = 1e9, AT(setup),
     .doc = "what a work-group that uses it, or a copy over a link, waits for once, e.g. the fetch of a descriptor", .fallback = "0"},
    {.key = "invocation_name", .kind = PSIM_FIELD_TEXT, AT(invocation_name), .doc = "what a programmer writes"},
    {.key = "native_implementation", .kind = PSIM_FIELD_TEXT, AT(native_implementation), .doc = "what the hardware executes"},
    {.key = "pipe", .kind = PSIM_FIELD_TEXTS, AT(pipe),
     .doc = "`group.name` that it occupies; a list means any of them; operations that name one pipe share it",
     .fallback = "a pipe of its own in each issuing group"},
    {.key = "moves", .kind = PSIM_FIELD_TEXTS, AT(moves), .doc = "[from, to]: it moves data between two memories, or between one and a link"},
    {.key = "operands", .kind = PSIM_FIELD_MAP, .fields = operand_fields, AT(operands),
     .doc = "homes of a matrix operation's operands; homes in a memory cause its traffic", .fallback = "registers"},
    {.key = "asynchronous", .kind = PSIM_FIELD_BOOL, AT(asynchronous), .doc = "its issuer does not wait", .fallback = "false"},
    {.key = "multicast", .kind = PSIM_FIELD_TEXT, AT(multicast), .doc = "software group whose work-groups one move can feed together"},
    {.key = "issue", .kind = PSIM_FIELD_FIGURE, .max = 1e6, AT(issue), .doc = "issue slots of one invocation", .fallback = "1"},
    {.key = "take", .unused = true, .kind = PSIM_FIELD_NODE, AT(take), .doc = "capacities that it uses, e.g. {dsp: 5}"},
    {.key = "clock", .kind = PSIM_FIELD_FIGURE, .dims = PSIM_DIM_BIT(PSIM_DIM_HERTZ), .min = 1e-3, .max = 1e13, AT(clock),
     .doc = "its own clock", .fallback = "that of the issuing group"},
    {.key = "elements", .kind = PSIM_FIELD_FIGURES, .choices = psim_dtype_choices, .min = 1, .max = 1e9, AT(elements),
     .doc = "lane operations of one invocation", .fallback = "lanes of the issuing group"},
    {.key = "tile", .kind = PSIM_FIELD_NODE, .fields = psim_hw_tile_fields, AT(tile),
     .doc = "{m: ..., n: ..., k: ...} of a matrix operation, or such maps by data type", .fallback = "1 x 1 x 1"},
    {.key = "width", .kind = PSIM_FIELD_FIGURE, .dims = BYTES, .min = 1, .max = 1e12, AT(width),
     .doc = "bytes of one move", .fallback = "4 B a lane"},
    {.key = "align", .kind = PSIM_FIELD_FIGURE, .dims = BYTES, .min = 1, .max = 1e9, AT(align),
     .doc = "addresses and rows must be multiples of it", .fallback = "1 B"},
    {.key = "achieved", .kind = PSIM_FIELD_FIGURE, .min = 1e-3, .max = 1, AT(achieved),
     .doc = "fraction of the throughput that this operation alone reaches in a micro-benchmark", .fallback = "1"},
    {.key = "energy", .kind = PSIM_FIELD_FIGURES, .choices = psim_dtype_choices,
     .dims = PSIM_DIM_BIT(PSIM_DIM_J_PER_FLOP) | PSIM_DIM_BIT(PSIM_DIM_J_PER_OP) | PSIM_DIM_BIT(PSIM_DIM_J_PER_BYTE),
     .max = 1, AT(energy), .doc = "of one FLOP, byte or lane operation (of a matrix operation or a move: of one invocation); needed of what does FLOP where `power: base` is given",
     .fallback = "it counts in that of others"},
    {.key = "droops", .kind = PSIM_FIELD_CHOICES, .choices = psim_dtype_choices, AT(droops),
     .doc = "data types in which it makes the clock of the machine droop, see `power: droop`", .fallback = "none"},
    {.key = "note", .kind = PSIM_FIELD_TEXT, AT(note), .doc = "for people"},
    {0},
};
#undef AT

#define AT(member) .offset = offsetof(struct psim_menu_tile, member)
static const struct psim_field tile_fields[] = {
    {.key = "m", .kind = PSIM_FIELD_COUNT, .max = 65536, AT(m), .doc = "matrix products: rows of the result"},
    {.key = "n", .kind = PSIM_FIELD_COUNT, .max = 65536, AT(n), .doc = "matrix products: columns of the result; batchnorm: columns of a work-group"},
    {.key = "k", .kind = PSIM_FIELD_COUNT, .max = 65536, AT(k), .doc = "matrix products: depth of a step; pool2d: inputs of an output that are loaded at a time", .fallback = "`step` of the kernel; pool2d: all"},
    {.key = "q", .kind = PSIM_FIELD_COUNT, .max = 65536, AT(q), .doc = "attention: queries"},
    {.key = "kv", .kind = PSIM_FIELD_COUNT, .max = 65536, AT(kv), .doc = "attention: keys of a step"},
    {.key = "head_dim", .kind = PSIM_FIELD_COUNT, .max = 65536, AT(head_dim), .doc = "attention: up to this head dimension", .fallback = "any"},
    {.key = "max_cols", .kind = PSIM_FIELD_COUNT, .max = 1e12, AT(max_cols), .doc = "rows: up to this many columns", .fallback = "any"},
    {.key = "rows", .kind = PSIM_FIELD_COUNT, .max = 65536, AT(rows), .doc = "rows: of a work-group; gather: that share one", .fallback = "gather: 1"},
    {.key = "passes", .kind = PSIM_FIELD_COUNT, .max = 16, AT(passes), .doc = "rows: how often a row is read", .fallback = "once if registers hold it, else three times"},
    {.key = "turns", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 65536, AT(turns), .doc = "elementwise: how often a lane takes its elements, loads waited for each time", .fallback = "1"},
    {.key = "max_groups", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 65536, AT(max_groups), .doc = "elementwise: most work-groups, batchnorm: of the same columns; beyond, lanes take more turns", .fallback = "any"},
    {.key = "lanes", .kind = PSIM_FIELD_COUNT, .max = 65536, AT(lanes), .doc = "of a work-group", .fallback = "those of the kernel"},
    {.key = "stages", .kind = PSIM_FIELD_COUNT, .max = 64, AT(stages), .doc = "slots of the operand buffer", .fallback = "those of the kernel"},
    {.key = "slices", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 64, AT(slices), .doc = "products of vector units: parts of the lanes, each of which sums its part of the depth of a step", .fallback = "1"},
    {.key = "cluster", .kind = PSIM_FIELD_COUNT, .max = 64, AT(cluster), .doc = "matrix products: work-groups that share moves", .fallback = "that of the kernel"},
    {.key = "registers", .kind = PSIM_FIELD_COUNT, .max = 65536, AT(registers), .doc = "of a lane", .fallback = "those of the kernel"},
    {.key = "elements", .kind = PSIM_FIELD_COUNT, .max = 65536, AT(elements), .doc = "elementwise: of a lane", .fallback = "perfsim's own choice"},
    {.key = "max_elements", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 1 << 30, AT(max_elements), .doc = "rows: most of a lane; longer rows are split over work-groups", .fallback = "rows are not split"},
    {.key = "taps", .kind = PSIM_FIELD_COUNT, .max = 65536, AT(taps), .doc = "convolutions: up to this many taps", .fallback = "any"},
    {.key = "instructions", .kind = PSIM_FIELD_FIGURE, .max = 1e6, AT(instructions), .doc = "issue slots an element of this variant", .fallback = "those of the kernel"},
    {.key = "fixed", .kind = PSIM_FIELD_FIGURE, .max = 1e6, AT(fixed), .doc = "issue slots of a lane beyond those of its elements", .fallback = "0"},
    {.key = "masked", .kind = PSIM_FIELD_FIGURE, .max = 1e6, AT(masked), .doc = "attention: issue slots beyond those of a score, of one in a masked tile", .fallback = "2: a comparison, a selection"},
    {.key = "fixed_pace", .kind = PSIM_FIELD_FIGURE, .dims = PSIM_DIM_BIT(PSIM_DIM_CYCLES), .max = 1e6, AT(fixed_pace), .doc = "rows: cycles between these of a bundle alone", .fallback = "`pace`"},
    {.key = "idle", .kind = PSIM_FIELD_FIGURE, .max = 1e6, AT(idle), .doc = "rows: issue slots of a lane that has no elements", .fallback = "`fixed`"},
    {.key = "padded", .kind = PSIM_FIELD_FIGURE, .max = 1e6, AT(padded), .doc = "rows: issue slots of each column that a row has fewer than `max_cols`", .fallback = "0"},
    {.key = "pace", .kind = PSIM_FIELD_FIGURE, .dims = PSIM_DIM_BIT(PSIM_DIM_CYCLES), .max = 1e6, AT(pace), .doc = "cycles between instructions of a bundle alone", .fallback = "that of the kernel"},
    {0},
};
#undef AT

#define AT(member) .offset = offsetof(struct psim_raw_library, member)
const struct psim_field psim_hw_library_fields[] = {
    {.key = "name", .kind = PSIM_FIELD_TEXT, .required = true, AT(name), .doc = "of the library; the first one of an op is its default"},
    {.key = "op", .kind = PSIM_FIELD_TEXT, .required = true, AT(op), .doc = "which op it serves"},
    {.key = "algorithm", .kind = PSIM_FIELD_TEXT, AT(algorithm), .doc = "which algorithm of the op", .fallback = "any"},
    {.key = "data_types", .kind = PSIM_FIELD_CHOICES, .choices = psim_dtype_choices, AT(dtypes), .doc = "a list", .fallback = "any"},
    {.key = "operation", .kind = PSIM_FIELD_TEXT, AT(operation), .doc = "operation that computes", .fallback = "the fastest that does"},
    {.key = "copy", .kind = PSIM_FIELD_TEXT, AT(copy), .doc = "operation that brings the operands; copy: that loads", .fallback = "the best route"},
    {.key = "tiles", .kind = PSIM_FIELD_MAPS, .fields = tile_fields, .item_size = sizeof(struct psim_menu_tile),
     .item_loc_offset = offsetof(struct psim_menu_tile, at), .max_items = 1024, AT(tiles),
     .doc = "what it offers; perfsim picks by its own prediction", .fallback = "perfsim's own enumeration"},
    {.key = "step", .kind = PSIM_FIELD_FIGURE, .dims = BYTES, .min = 1, .max = 1e6, AT(step), .doc = "bytes of an operand's row in one step of the k loop", .fallback = "128 B"},
    {.key = "cluster", .kind = PSIM_FIELD_COUNT, .max = 64, AT(cluster), .doc = "work-groups that share moves", .fallback = "1"},
    {.key = "min_split", .kind = PSIM_FIELD_COUNT, .max = 1024, AT(min_split), .doc = "parts into which k is always split", .fallback = "1"},
    {.key = "max_split", .kind = PSIM_FIELD_COUNT, .max = 1024, AT(max_split), .doc = "parts into which k may be split", .fallback = "1"},
    {.key = "split_below", .kind = PSIM_FIELD_FIGURE, .min = 0, .max = 100, AT(split_below), .doc = "the sum is split only where unsplit work-groups fill less than this part of the machine", .fallback = "always tried"},
    {.key = "split_full", .kind = PSIM_FIELD_FIGURE, .min = 0, .max = 1, AT(split_full), .doc = "attention: into the fewest parts whose waves of work-groups are this part as full as the fullest, and nothing else is run", .fallback = "chosen by perfsim"},
    {.key = "fills", .kind = PSIM_FIELD_FIGURE, .min = 0, .max = 1, AT(fills), .doc = "mappings of a product whose work-groups fill less than this part of the machine are taken only where none fills as much", .fallback = "the fastest is taken"},
    {.key = "clears", .kind = PSIM_FIELD_FIGURE, .dims = BYTES, .min = 4, .max = 1e9, AT(clears), .doc = "set to zero by a launch before a product whose work-groups take turns: where the next tile is counted", .fallback = "none"},
    {.key = "lanes", .kind = PSIM_FIELD_COUNT, .max = 65536, AT(lanes), .doc = "lanes of a work-group", .fallback = "perfsim's own choice"},
    {.key = "registers", .kind = PSIM_FIELD_COUNT, .max = 65536, AT(registers), .doc = "registers of a lane", .fallback = "what the tile needs"},
    {.key = "stages", .kind = PSIM_FIELD_COUNT, .max = 64, AT(stages), .doc = "slots of the operand buffer", .fallback = "as many as fit"},
    {.key = "resident", .kind = PSIM_FIELD_COUNT, .max = 1024, AT(resident), .doc = "work-groups at once on a unit", .fallback = "what capacities allow"},
    {.key = "sums", .kind = PSIM_FIELD_COUNT, .max = 2, AT(sums), .doc = "matrix products: tiles whose sums are kept at once, by as many parts of the lanes: of two, one leaves while the next is summed", .fallback = "1"},
    {.key = "loaders", .kind = PSIM_FIELD_COUNT, .max = 65536, AT(loaders), .doc = "matrix products: lanes of a work-group that only load", .fallback = "0: all do all"},
    {.key = "leaves", .kind = PSIM_FIELD_FIGURE, .max = 1e6, AT(leaves), .doc = "matrix products: issue slots of an element of the result when its tile leaves", .fallback = "0"},
    {.key = "upright", .kind = PSIM_FIELD_BOOL, AT(upright), .doc = "matrix products: rows of the instruction are rows of the tile", .fallback = "false: it lies as it reads fewer bytes"},
    {.key = "align", .kind = PSIM_FIELD_FIGURE, .dims = BYTES, .min = 1, .max = 1e6, AT(align), .doc = "rows must be multiples of it; copy: its bytes", .fallback = "that of the copy"},
    {.key = "batch", .kind = PSIM_FIELD_CHOICE, .choices = batch_choices, AT(batch), .doc = "products: taken only for one, or only for a batch of many: libraries choose among other kernels there", .fallback = "both"},
    {.key = "host", .kind = PSIM_FIELD_FIGURE, .dims = PSIM_DIM_BIT(PSIM_DIM_SECONDS), .max = 1, AT(host), .doc = "time of the host for a call in a stream, whatever kernels it takes", .fallback = "that of the launch mode, for each kernel"},
    {.key = "misaligned", .kind = PSIM_FIELD_FIGURE, .dims = BYTES, .min = 1, .max = 1e6, AT(misaligned), .doc = "products: taken only where rows of an operand are no multiple of it: others have a better kernel", .fallback = "whatever they are"},
    {.key = "out_buffer", .kind = PSIM_FIELD_FIGURE, .dims = BYTES, .min = 1, .max = 1e9, AT(out_buffer), .doc = "local memory through which a tile leaves, part by part", .fallback = "none: registers are stored directly"},
    {.key = "also_writes", .kind = PSIM_FIELD_FIGURE, .dims = BYTES, .min = 1, .max = 1e6, AT(also_writes), .doc = "pool2d: bytes an element written beside the result, as indices", .fallback = "nothing"},
    {.key = "dispatch", .kind = PSIM_FIELD_CHOICE, .choices = dispatch_choices, AT(dispatch), .doc = "a work-group for each tile, or persistent ones with a fixed stride or a queue", .fallback = "each"},
    {.key = "instructions", .kind = PSIM_FIELD_FIGURE, .max = 1e6, AT(instructions), .doc = "issue slots beyond the program's own: of an element, a score, a multiply-add", .fallback = "0"},
    {.key = "pace", .kind = PSIM_FIELD_FIGURE, .dims = PSIM_DIM_BIT(PSIM_DIM_CYCLES), .max = 1e6, AT(pace), .doc = "cycles between instructions of a bundle alone: they depend on each other", .fallback = "`issue` of the bundle's group"},
    {.key = "pad_channels", .kind = PSIM_FIELD_COUNT, .max = 4096, AT(pad_channels), .doc = "conv2d: a kernel before it pads input channels to a multiple", .fallback = "they stay as they are"},
    {.key = "joins_taps", .kind = PSIM_FIELD_BOOL, AT(joins_taps), .doc = "conv2d: a step takes several taps where channels are fewer than it is deep", .fallback = "false: each tap has steps of its own"},
    {.key = "masks_all", .kind = PSIM_FIELD_BOOL, AT(masks_all), .doc = "attention: where the keys do not fill their tiles, all of them are masked", .fallback = "false: the last one is"},
    {.key = "launches", .kind = PSIM_FIELD_FIGURE, .max = 1e6, AT(launches), .doc = "1: a launch for each image of the batch", .fallback = "0: one launch"},
    {.key = "max_bytes", .kind = PSIM_FIELD_FIGURE, .dims = BYTES, .min = 1, .max = 1e18, AT(max_bytes), .doc = "copy: up to this many", .fallback = "any"},
    {.key = "launch", .kind = PSIM_FIELD_CHOICE, .choices = launch_choices, AT(launch), .doc = "copy: launch mode in which it is taken", .fallback = "any"},
    {.key = "source", .kind = PSIM_FIELD_TEXT, AT(source), .doc = "who says so"},
    {.key = "confidence", .kind = PSIM_FIELD_CHOICE, .choices = confidence_choices, AT(confidence), .doc = "how sure"},
    {.key = "note", .kind = PSIM_FIELD_TEXT, AT(note), .doc = "for people"},
    {0},
};
#undef AT

#define ITEM(type, table) .fields = (table), .item_size = sizeof(type), .item_loc_offset = offsetof(type, at)
#define AT(member) .offset = offsetof(struct psim_power, member)
static const struct psim_field voltage_fields[] = {
    {.key = "floor", .kind = PSIM_FIELD_FIGURE, .min = 0.1, .max = 1, AT(voltage_floor),
     .doc = "of the voltage at full clock, the least", .fallback = "0.1"},
    {.key = "slope", .kind = PSIM_FIELD_FIGURE, .max = 1, AT(voltage_slope),
     .doc = "of the voltage at full clock, what goes with the whole clock", .fallback = "0: the voltage stays"},
    {0},
};

static const struct psim_field droop_fields[] = {
    {.key = "share", .kind = PSIM_FIELD_FIGURE, .required = true, .min = 0.1, .max = 1, AT(droop_share),
     .doc = "of the clock, what is left at once while an operation that `droops` runs"},
    {.key = "from", .kind = PSIM_FIELD_FIGURE, .dims = PSIM_DIM_BIT(PSIM_DIM_WATTS), .min = 1e-6, .max = 1e9, AT(droop_from),
     .doc = "power of the core, beyond the base, above which the clock falls further", .fallback = "it does not"},
    {.key = "exponent", .kind = PSIM_FIELD_FIGURE, .max = 4, AT(droop_exponent),
     .doc = "of (from / power), by which it does", .fallback = "0: it does not"},
    {0},
};

#define WATTS .dims = PSIM_DIM_BIT(PSIM_DIM_WATTS), .max = 1e9
static const struct psim_field power_fields[] = {
    {.key = "idle", .unused = true, .kind = PSIM_FIELD_FIGURE, WATTS, AT(idle), .doc = "with nothing to do, clocks down", .fallback = "not known"},
    {.key = "base", .kind = PSIM_FIELD_FIGURE, WATTS, AT(base),
     .doc = "while kernels run, whatever they do: clocks up, leakage, memories on. With it energy is predicted, and each operation that does FLOP needs its own",
     .fallback = "power, energy and the clock's change are not known"},
    {.key = "active", .kind = PSIM_FIELD_FIGURE, WATTS, AT(active),
     .doc = "more while all units have work-groups, at full clock and voltage", .fallback = "0"},
    {.key = "cap", .kind = PSIM_FIELD_FIGURE, WATTS, AT(cap),
     .doc = "mean power that the machine may draw: after a while the clock is lowered until it holds", .fallback = "not limited"},
    {.key = "settle", .kind = PSIM_FIELD_FIGURE, .dims = PSIM_DIM_BIT(PSIM_DIM_SECONDS), .min = 1e-6, .max = 1e3, AT(settle),
     .doc = "time constant of that lowering: how far a measured burst sees it (eq. V3)", .fallback = "bursts are over before"},
    {.key = "voltage", .kind = PSIM_FIELD_MAP, .fields = voltage_fields, .offset = 0, .doc = "how the core's voltage follows its clock"},
    {.key = "droop", .kind = PSIM_FIELD_MAP, .fields = droop_fields, .offset = 0, .doc = "how the clock falls at once under some loads", .fallback = "it does not"},
    {.key = "zeros", .kind = PSIM_FIELD_FIGURE, .max = 1, AT(zeros),
     .doc = "of the energy of FLOP, what is left where all data are zero", .fallback = "1"},
    {0},
};
#undef WATTS
#undef AT

#define AT(member) .offset = offsetof(struct psim_raw_hw, member)
const struct psim_field psim_hw_fields[] = {
    {.key = "schema", .kind = PSIM_FIELD_TEXT, .required = true, AT(schema), .doc = "perfsim/hardware/v1"},
    {.key = "name", .kind = PSIM_FIELD_TEXT, .required = true, AT(name), .doc = "one word for tables"},
    {.key = "title", .kind = PSIM_FIELD_TEXT, AT(title), .doc = "for headings", .fallback = "the name"},
    {.key = "extends", .kind = PSIM_FIELD_TEXT, AT(extends),
     .doc = "a machine over which this file is laid: maps are merged, lists of maps by `name`", .fallback = "nothing"},
    {.key = "units", .kind = PSIM_FIELD_NODE, AT(units),
     .doc = "units of bare numbers by key, e.g. {latency: cycles, throughput: op/s}", .fallback = "a bare number is an error"},
    {.key = "parallel_groups", .kind = PSIM_FIELD_MAPS, ITEM(struct psim_raw_group, psim_hw_group_fields),
     .required = true, .max_items = PSIM_MAX_GROUPS, .loc_offset = offsetof(struct psim_raw_hw, groups_at), AT(groups), .doc = "what computes, and what it is made of"},
    {.key = "memory_domains", .kind = PSIM_FIELD_MAPS, ITEM(struct psim_raw_memory, psim_hw_memory_fields),
     .required = true, .max_items = PSIM_MAX_MEMORIES, .loc_offset = offsetof(struct psim_raw_hw, memories_at), AT(memories), .doc = "what holds data, and who shares it"},
    {.key = "operations", .kind = PSIM_FIELD_MAPS, ITEM(struct psim_raw_operation, psim_hw_operation_fields),
     .required = true, .max_items = PSIM_MAX_OPERATIONS, AT(operations), .doc = "what can be invoked, and who invokes it"},
    {.key = "links", .kind = PSIM_FIELD_MAPS, ITEM(struct psim_raw_link, psim_hw_link_fields),
     .max_items = PSIM_MAX_LINKS, AT(links), .doc = "what the machine hangs on its host by", .fallback = "copies from and to a host are refused"},
    {.key = "libraries", .kind = PSIM_FIELD_MAPS, ITEM(struct psim_raw_library, psim_hw_library_fields),
     .max_items = 64, AT(libraries), .doc = "what libraries offer on this machine", .fallback = "perfsim enumerates tiles itself"},
    {.key = "power", .kind = PSIM_FIELD_MAP, .fields = power_fields, AT(power), .doc = "of the board"},
    {.key = "sources", .kind = PSIM_FIELD_NODE, AT(sources), .doc = "what the abbreviations in `source:` stand for"},
    {.key = "note", .kind = PSIM_FIELD_TEXT, AT(note), .doc = "for people"},
    {0},
};
#undef AT
/* clang-format on */
