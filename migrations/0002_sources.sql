-- The feeds and pages that are watched. The time at which each is due lives in its row.
CREATE TABLE sources (
    id              uuid PRIMARY KEY,
    url             text NOT NULL UNIQUE,
    title           text NOT NULL,
    rank            text NOT NULL CHECK (rank IN ('primary', 'trade', 'press', 'aggregator')),
    rights_note     text,
    active          boolean NOT NULL DEFAULT true,
    poll_every      interval NOT NULL DEFAULT '1 hour' CHECK (poll_every >= '1 minute'),
    due_at          timestamptz NOT NULL,
    -- Validators of the last answer, sent back so that an unchanged feed costs nothing.
    etag            text,
    last_modified   text,
    -- Health, shown as it is.
    last_fetch_at   timestamptz,
    last_success_at timestamptz,
    last_error      text,
    failures        integer NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL
);
CREATE INDEX sources_due ON sources (due_at) WHERE active;
