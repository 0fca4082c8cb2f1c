-- Tables of the retention library, beside the engine's own. All times are UTC.
-- Every statement may be repeated. Later versions only add columns, indexes and tables.

-- The gate and the ledger: one row for each recording that was ever claimed or held.
create table if not exists retention_deletion (
    recording_id         varchar(255) not null,
    storage_key          varchar(1024),
    account              varchar(255),
    recording_created_at datetime(6),
    audio_seconds        bigint,
    state                varchar(20) not null,
    held                 boolean not null,
    hold_changes         integer default 0 not null,
    in_doubt             boolean not null,
    attempts             integer not null,
    token                varchar(36),
    owner                varchar(255),
    lease_until          datetime(6),
    next_attempt_at      datetime(6),
    failing_since        datetime(6),
    claimed_at           datetime(6),
    deleted_at           datetime(6),
    deletion_reason      varchar(1000),
    outcome              varchar(30),
    evidence             mediumtext,
    cause                varchar(1000),
    cause_code           varchar(60),
    cause_storage        varchar(40),
    policy               varchar(255),
    cutoff               datetime(6),
    run_id               varchar(36),
    constraint pk_retention_deletion primary key (recording_id),
    index ix_retention_deletion_state (state, recording_id),
    index ix_retention_deletion_lease (state, lease_until, next_attempt_at),
    index ix_retention_deletion_held (held, recording_id),
    index ix_retention_deletion_run (run_id, state, lease_until)
) engine = InnoDB character set utf8mb4 collate utf8mb4_0900_bin;

-- The register of legal holds, and the recordings that each lies on.
create table if not exists retention_hold (
    hold_id         varchar(255) not null,
    hold_no         bigint not null auto_increment,
    placed_by       varchar(255) not null,
    reason          varchar(2000) not null,
    placed_at       datetime(6) not null,
    hold_until      datetime(6),
    released_by     varchar(255),
    released_at     datetime(6),
    freed_to        varchar(255),
    freed_at        datetime(6),
    scope_attribute varchar(255),
    scope_value     varchar(255),
    changes         integer default 0 not null,
    constraint pk_retention_hold primary key (hold_id),
    constraint uq_retention_hold_no unique (hold_no),
    index ix_retention_hold_until (released_at, hold_until),
    index ix_retention_hold_placed (placed_at, hold_no)
) engine = InnoDB character set utf8mb4 collate utf8mb4_0900_bin;

create table if not exists retention_hold_recording (
    hold_id      varchar(255) not null,
    recording_id varchar(255) not null,
    storage_key  varchar(255),
    account      varchar(255),
    constraint pk_retention_hold_recording primary key (hold_id, recording_id),
    index ix_retention_hold_recording_recording (recording_id),
    index ix_retention_hold_recording_key (storage_key)
) engine = InnoDB character set utf8mb4 collate utf8mb4_0900_bin;

-- One row for each run. open_mark is 1 while the run is open and NULL afterwards, so that only one can be open.
create table if not exists retention_run (
    run_id              varchar(36) not null,
    run_no              bigint not null auto_increment,
    run_key             varchar(255) not null,
    open_mark           smallint,
    opened_by           varchar(255) not null,
    judged_at           datetime(6) not null,
    started_at          datetime(6) not null,
    deadline            datetime(6) not null,
    policies            mediumtext not null,
    max_deletions       bigint,
    claimed             bigint not null,
    claimed_before_pass bigint not null,
    pass                integer not null,
    pass_done           boolean not null,
    page_cursor         varchar(600),
    alive_at            datetime(6) not null,
    run_end             varchar(40),
    message             mediumtext,
    cutoffs             mediumtext,
    report_started_at   datetime(6),
    ended_at            datetime(6),
    checked             bigint,
    deleted             bigint,
    already_gone        bigint,
    nothing_stored      bigint,
    failed              bigint,
    deferred            bigint,
    unproven            bigint,
    quarantined         bigint,
    held                bigint,
    without_key         bigint,
    remaining           bigint,
    undated             bigint,
    engine_deleted      bigint,
    audio_seconds       bigint,
    constraint pk_retention_run primary key (run_id),
    constraint uq_retention_run_no unique (run_no),
    constraint uq_retention_run_key unique (run_key),
    constraint uq_retention_run_open unique (open_mark)
) engine = InnoDB character set utf8mb4 collate utf8mb4_0900_bin;

-- What is out of the ordinary. Rows are only ever added.
create table if not exists retention_event (
    event_no     bigint not null auto_increment,
    occurred_at  datetime(6) not null,
    kind         varchar(40) not null,
    recording_id varchar(255),
    run_id       varchar(36),
    actor        varchar(255),
    detail       varchar(2000),
    constraint pk_retention_event primary key (event_no),
    index ix_retention_event_recording (recording_id, event_no),
    index ix_retention_event_run (run_id, event_no)
) engine = InnoDB character set utf8mb4 collate utf8mb4_0900_bin;

-- Switches, plans and what was confirmed. While a row named 'paused' stands, nothing is claimed.
create table if not exists retention_control (
    name       varchar(100) not null,
    setting    mediumtext,
    changed_by varchar(255),
    changed_at datetime(6),
    constraint pk_retention_control primary key (name)
) engine = InnoDB character set utf8mb4 collate utf8mb4_0900_bin;

-- The evidence log. Each transaction that changes something adds its entries as a batch. Rows are only ever added.
create table if not exists retention_evidence (
    batch_no     bigint not null,
    entry_no     integer not null,
    recording_id varchar(255),
    entry        mediumtext character set ascii not null,
    constraint pk_retention_evidence primary key (batch_no, entry_no),
    index ix_retention_evidence_recording (recording_id, batch_no)
) engine = InnoDB character set utf8mb4 collate utf8mb4_0900_bin;

-- Batches that are not sealed yet: the only rows of the evidence log that are removed.
create table if not exists retention_unsealed (
    batch_no   bigint not null auto_increment,
    entries    integer not null,
    written_at datetime(6) not null,
    constraint pk_retention_unsealed primary key (batch_no)
) engine = InnoDB character set utf8mb4 collate utf8mb4_0900_bin;

-- Texts that entries contain as a hash. They may be erased.
create table if not exists retention_evidence_text (
    text_hash varchar(44) not null,
    salt      varchar(22) not null,
    original  mediumtext not null,
    constraint pk_retention_evidence_text primary key (text_hash)
) engine = InnoDB character set utf8mb4 collate utf8mb4_0900_bin;

-- Which leaves of the tree the entries of a sealed batch are: entry_no counts from leaf_no. Rows are only ever added.
create table if not exists retention_leaf (
    leaf_no  bigint not null,
    batch_no bigint not null,
    entries  integer not null,
    hashes   blob not null,
    constraint pk_retention_leaf primary key (leaf_no),
    constraint uq_retention_leaf_batch unique (batch_no)
) engine = InnoDB character set utf8mb4 collate utf8mb4_0900_bin;

-- Inner nodes of the tree. Rows are only ever added.
create table if not exists retention_node (
    node_level integer not null,
    node_no    bigint not null,
    node_hash  varbinary(32) not null,
    constraint pk_retention_node primary key (node_level, node_no)
) engine = InnoDB character set utf8mb4 collate utf8mb4_0900_bin;

-- The heads of the tree. Rows are only ever added.
create table if not exists retention_seal (
    seal_no    bigint not null,
    tree_size  bigint not null,
    root       varbinary(32) not null,
    frontier   varbinary(2048) not null,
    checkpoint mediumtext not null,
    sealed_at  datetime(6) not null,
    constraint pk_retention_seal primary key (seal_no),
    constraint uq_retention_seal_size unique (tree_size)
) engine = InnoDB character set utf8mb4 collate utf8mb4_0900_bin;

-- The number of the newest seal. Whoever seals locks the row.
create table if not exists retention_head (
    head_no integer not null,
    seal_no bigint not null,
    constraint pk_retention_head primary key (head_no)
) engine = InnoDB character set utf8mb4 collate utf8mb4_0900_bin;

-- Which heads are anchored elsewhere. Rows are only ever added.
create table if not exists retention_anchor (
    anchor      varchar(100) not null,
    tree_size   bigint not null,
    anchored_at datetime(6) not null,
    receipt     mediumtext not null,
    constraint pk_retention_anchor primary key (anchor, tree_size)
) engine = InnoDB character set utf8mb4 collate utf8mb4_0900_bin;

-- How many rows your table had for each day in UTC, when it was counted first. Rows are only ever added.
create table if not exists retention_census (
    census_day varchar(10) not null,
    recordings bigint not null,
    counted_at datetime(6) not null,
    constraint pk_retention_census primary key (census_day)
) engine = InnoDB character set utf8mb4 collate utf8mb4_0900_bin;
