-- What one article says of one deal. Append-only: a newer reading supersedes, it never overwrites.
CREATE TABLE claims (
    id            uuid PRIMARY KEY,
    article_id    uuid NOT NULL,
    ordinal       integer NOT NULL,
    extractor     integer NOT NULL,
    content_hash  bytea NOT NULL,
    kind          text NOT NULL,
    status        text NOT NULL,
    -- The claim as the extraction contract has it, evidence offsets included.
    body          jsonb NOT NULL,
    -- The article's; claims are weighed by when they were said.
    published     timestamptz NOT NULL,
    read_at       timestamptz NOT NULL,
    superseded_at timestamptz,
    -- When the ledger last weighed it; NULL: to be weighed.
    merged_at     timestamptz
);
CREATE UNIQUE INDEX claims_article ON claims (article_id, ordinal) WHERE superseded_at IS NULL;
CREATE INDEX claims_unmerged ON claims (id) WHERE merged_at IS NULL;

-- Whom a claim's names stand for. Derived from the claim and the registry.
CREATE TABLE claim_companies (
    claim_id  uuid NOT NULL REFERENCES claims,
    position  integer NOT NULL,
    company   text NOT NULL REFERENCES companies ON UPDATE CASCADE,
    published timestamptz NOT NULL,
    PRIMARY KEY (claim_id, position)
);
-- Finds the claims that may be of the same deal.
CREATE INDEX claim_companies_near ON claim_companies (company, published);
