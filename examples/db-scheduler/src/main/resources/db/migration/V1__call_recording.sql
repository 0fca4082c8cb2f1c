create table call_recording (
    id                   uuid not null primary key,
    twilio_recording_sid varchar(34),
    created_at           timestamp(6) with time zone,
    deleted_at           timestamp(6) with time zone,
    deletion_reason      varchar(255)
);
create index ix_call_recording_due on call_recording (deleted_at, created_at, id);
create index ix_call_recording_key on call_recording (twilio_recording_sid);
create index ix_call_recording_created on call_recording (created_at);
