-- The ledger as open data: an archive a day, kept here so that every process of the site has it.
CREATE TABLE snapshots (
    day     date PRIMARY KEY,
    made_at timestamptz NOT NULL,
    deals   bigint NOT NULL,
    sha256  bytea NOT NULL CHECK (length(sha256) = 32),
    archive bytea NOT NULL
);
-- It is compressed already, and is read piece by piece.
ALTER TABLE snapshots ALTER COLUMN archive SET STORAGE EXTERNAL;
