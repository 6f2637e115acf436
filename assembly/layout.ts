// Constants read by both compilers: AssemblyScript folds them to i32, TypeScript emits them as they
// stand. Only un-annotated integer constants and integer arithmetic. docs/wire.md and docs/LIMITS.md
// give the reasons; a change here is a change of the wire format or of a limit.

// ---- Signed objects -------------------------------------------------------------------------
// Every signed object starts with version, kind and (at MESH_ID_OFFSET) the mesh id, so that a
// signature made for one kind, version or mesh never verifies as another.
export const WIRE_VERSION = 1;
export const KIND_RECORD = 0; // the incarnation record, seq 0, signed by the identity key
export const KIND_OPERATIONS = 1; // operations, signed by the incarnation's key
export const KIND_MEMBER = 16; // member record
export const KIND_MESSAGE = 17; // direct message
export const KIND_DEPARTURE = 18; // statement that a member is gone
export const KIND_ISSUERS = 24; // the authority's statement of who issues certificates
export const KIND_CERTIFICATE = 25; // a node's certificate of membership

// ---- Delta header, little-endian, 160 bytes, followed by the signature and the body ---------
export const DELTA_VERSION_OFFSET = 0; // u8
export const DELTA_KIND_OFFSET = 1; // u8
export const DELTA_RESERVED_OFFSET = 2; // u16, zero
export const DELTA_COUNT_OFFSET = 4; // u32, operations in the body
export const DELTA_BODY_BYTES_OFFSET = 8; // u32
export const DELTA_RESERVED2_OFFSET = 12; // u32, zero
export const MESH_ID_OFFSET = 16; // 16 bytes
export const DELTA_AUTHOR_OFFSET = 32; // 32 bytes
export const DELTA_EPOCH_OFFSET = 64; // u64
export const DELTA_NONCE_OFFSET = 72; // u64
export const DELTA_FIRST_SEQ_OFFSET = 80; // u64
export const DELTA_HLC_OFFSET = 88; // u64: 48-bit ms, 16-bit count
export const DELTA_PREV_HASH_OFFSET = 96; // 32 bytes
export const DELTA_BODY_HASH_OFFSET = 128; // 32 bytes
export const DELTA_HEADER_BYTES = 160;
export const SIGNATURE_BYTES = 64;
export const DELTA_PREFIX_BYTES = 224; // header + signature; the body follows

// ---- Incarnation record body, 96 bytes ------------------------------------------------------
export const RECORD_KEY_OFFSET = 0; // 32 bytes, the incarnation's public key
export const RECORD_CERT_HASH_OFFSET = 32; // 32 bytes: BLAKE3 of the credential, zero in an open mesh
export const RECORD_NOT_BEFORE_OFFSET = 64; // u64 ms
export const RECORD_NOT_AFTER_OFFSET = 72; // u64 ms
export const RECORD_PREV_EPOCH_OFFSET = 80; // u64, 0 when there is none
export const RECORD_PREV_NONCE_OFFSET = 88; // u64
export const RECORD_BODY_BYTES = 96;
// The author's credential follows in a certified mesh: in the body's length, not in its hash.
export const RECORD_CREDENTIAL_BYTES_MAX = 2560;

// ---- Operation: 12-byte head, then collection, key, element, payload ------------------------
export const OP_KIND_OFFSET = 0; // u8
export const OP_CODEC_OFFSET = 1; // u8
export const OP_COLLECTION_BYTES_OFFSET = 2; // u16
export const OP_KEY_BYTES_OFFSET = 4; // u16
export const OP_ELEMENT_BYTES_OFFSET = 6; // u16
export const OP_PAYLOAD_BYTES_OFFSET = 8; // u32
export const OP_HEAD_BYTES = 12;

export const OP_REGISTER_SET = 1; // payload: value
export const OP_MAP_SET = 2; // payload: value
export const OP_MAP_DELETE = 3; // no payload
export const OP_COUNTER = 4; // payload: running totals P u64, N u64
export const OP_SET_ADD = 5; // element
export const OP_SET_REMOVE = 6; // element; payload: dots
export const OP_GAUGE = 7; // payload: value i64 in micro-units, weight u64
export const OP_EVENT = 8; // payload: body

export const COUNTER_PAYLOAD_BYTES = 16;
export const GAUGE_PAYLOAD_BYTES = 16;
// A dot: author 32, epoch u64, nonce u64, seq u64, first 8 bytes of its delta's hash.
export const DOT_BYTES = 64;

// ---- Entry types (the first byte of an address) ---------------------------------------------
export const TYPE_REGISTER = 1;
export const TYPE_MAP = 2;
export const TYPE_COUNTER = 3;
export const TYPE_SET = 4;
export const TYPE_GAUGE = 5;
export const TYPE_EVENT = 6;

// ---- Limits ---------------------------------------------------------------------------------
export const HASH_BYTES = 32;
export const NODE_ID_BYTES = 32;
export const MESH_ID_BYTES = 16;
export const COLLECTION_BYTES_MAX = 128;
export const KEY_BYTES_MAX = 1024;
export const ELEMENT_BYTES_MAX = 1024;
export const VALUE_BYTES_MAX = 61440; // 60 KiB
export const DELTA_OPS_MAX = 256;
export const DELTA_BODY_BYTES_MAX = 65536; // 64 KiB; one operation of the largest size fits
export const REMOVE_DOTS_MAX = 512;
export const VV_LANES_MAX = 524288; // lanes of one version vector: incarnations in a frontier
export const SCAN_ROWS_MAX = 4096; // deltas that one frameScan looks at
export const FRAME_BYTES = 1048576; // a longer frame takes a block of the arena while it is scanned

// ---- What scan and apply say ----------------------------------------------------------------
// src/kernels/kernels.ts says what each means.
export const SCAN_HELD = 0;
export const SCAN_VERIFY = 1;
export const SCAN_CONFLICT = 2;
export const SCAN_ORPHAN = 3;
export const SCAN_MALFORMED = 4;
export const SCAN_ENDED = 5;
export const APPLY_SKIPPED = 0;
export const APPLY_APPLIED = 1;
export const APPLY_BAD_SIGNATURE = 2;
export const APPLY_FORK = 3;
export const APPLY_MALFORMED = 4;
export const APPLY_FULL = 5;
export const APPLY_DUPLICATE = 6;
export const APPLY_ORPHAN = 7;
// Why a row is malformed: places in the list of src/kernels/wasm/scan.ts.
export const REASON_NONE = 0;
export const REASON_VERSION = 1;
export const REASON_BODY_BYTES = 2;
export const REASON_KIND = 3;
export const REASON_RESERVED = 4;
export const REASON_MESH = 5;
export const REASON_COUNT = 6;
export const REASON_SEQ = 7;
export const REASON_BODY_HASH = 8;
export const REASON_RECORD = 9;
export const REASON_HLC = 10;
// A change: places of the operation and of its delta in the frame u32, u32, then in one u32 the row,
// live, changed, and which operation of the delta it is.
export const CHANGE_WORDS = 3;
export const CHANGE_ROW_MASK = 4095;
export const CHANGE_LIVE = 4096;
export const CHANGE_CHANGED = 8192;
export const CHANGE_INDEX_SHIFT = 14;

// ---- What reads leave at RESULT -------------------------------------------------------------
export const HEAD_ROW_OFFSET = 0; // u32
export const HEAD_ENDED_OFFSET = 4; // u32, 1 when ended
export const HEAD_SEQ_OFFSET = 8; // u64
export const HEAD_HLC_OFFSET = 16; // u64
export const HEAD_ID_OFFSET = 24; // author 32, epoch u64, nonce u64
export const HEAD_HASH_OFFSET = 72; // 32 bytes
export const HEAD_KEY_OFFSET = 104; // 32 bytes
export const CELL_VALUE_OFFSET = 0; // u32, address
export const CELL_BYTES_OFFSET = 4; // u32
export const CELL_CODEC_OFFSET = 8; // u32
export const CELL_HLC_OFFSET = 16; // u64
export const CELL_SEQ_OFFSET = 24; // u64
export const CELL_HASH_OFFSET = 32; // u64
export const CELL_ID_OFFSET = 40; // author 32, epoch u64, nonce u64
export const STATS_ENTRIES_OFFSET = 0; // u32
export const STATS_TOMBSTONES_OFFSET = 4; // u32
export const STATS_PENDING_OFFSET = 8; // u32
export const STATS_BYTES_OFFSET = 12; // u32
export const GAUGE_ROW_BYTES = 48; // author 32, value i64, weight u64
// A version vector's handle.
export const VECTOR_DATA_OFFSET = 0; // u32, address of the lanes
export const VECTOR_CAPACITY_OFFSET = 4; // u32, lanes
export const VECTOR_LANES_OFFSET = 8; // u32, lanes in use
// A replica's arguments, staged when it is opened: mesh id 16, then the limits.
export const OPEN_ENTRIES_OFFSET = 16; // u32
export const OPEN_INCARNATIONS_OFFSET = 20; // u32
export const OPEN_PENDING_OFFSET = 24; // u32, dots of one author's removes
export const OPEN_BYTES_OFFSET = 28; // u32
export const OPEN_DELTAS_OFFSET = 32; // u32
export const OPEN_BYTES = 40;

// ---- Kernel module --------------------------------------------------------------------------
// Exported by the Wasm module too and compared at load, so that a stale build is refused.
export const LAYOUT_VERSION = 7;
