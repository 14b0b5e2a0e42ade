-- One row a story. The key is a UUIDv7, which begins with the time at which the article was read: partitions by month
-- are ranges of the key itself, so that the key stays one column and old months stay cheap.
CREATE TABLE articles (
    id           uuid PRIMARY KEY,
    source_id    uuid REFERENCES sources,
    -- `archive`: Wattline's own summary of the sources named in `summary_of`, never fetched or quoted as theirs.
    origin       text NOT NULL CHECK (origin IN ('feed', 'page', 'file', 'archive')),
    url          text,
    publisher    text NOT NULL,
    rank         text NOT NULL CHECK (rank IN ('primary', 'trade', 'press', 'aggregator')),
    summary_of   jsonb NOT NULL DEFAULT '[]',
    title        text NOT NULL,
    -- Kept whole as evidence; pages show short quotes only.
    text         text NOT NULL,
    language     text,
    -- When it appeared; the time of reading where it does not say (then `dated` is false).
    published    timestamptz NOT NULL,
    dated        boolean NOT NULL,
    read_at      timestamptz NOT NULL,
    -- SHA-256 of title, newline, text: what the offsets of its claims count in.
    content_hash bytea NOT NULL CHECK (length(content_hash) = 32),
    -- The same of what the source itself gave, before a page's full text took its place: tells when it says something new.
    given_hash   bytea NOT NULL CHECK (length(given_hash) = 32),
    -- The feed gave a summary only, and the page with the full text has not been fetched yet.
    page_wanted  boolean NOT NULL DEFAULT false,
    -- Why the page could not be fetched; the summary stands in for it.
    page_error   text,
    -- The extractor that read it last; NULL until one has.
    extractor    integer,
    search       tsvector GENERATED ALWAYS AS (
                     -- A tsvector has a size limit: what stands further behind is not searched.
                     setweight(to_tsvector('wattline', left(title, 1000)), 'A')
                     || setweight(to_tsvector('wattline', left(text, 100000)), 'C')) STORED
) PARTITION BY RANGE (id);
CREATE TABLE articles_default PARTITION OF articles DEFAULT;

CREATE INDEX articles_published ON articles (published DESC, id DESC);
CREATE INDEX articles_source ON articles (source_id, published DESC);
CREATE INDEX articles_unread ON articles (id) WHERE extractor IS NULL;
CREATE INDEX articles_extractor ON articles (extractor);
CREATE INDEX articles_search ON articles USING gin (search);

-- Whatever leads to an article and must lead to one only, which a partitioned table cannot promise: its URLs; for an
-- archive item `archive:` and its id; for an article without a URL `sha256:` and its content hash.
CREATE TABLE article_keys (
    key        text PRIMARY KEY,
    article_id uuid NOT NULL
);
CREATE INDEX article_keys_article ON article_keys (article_id);

-- The smallest UUIDv7 of a moment.
CREATE FUNCTION uuid_v7_floor(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

-- Makes the partition of a moment's month, where it is missing. Called ahead of time, for this month and the next.
CREATE FUNCTION ensure_articles_partition(moment timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first timestamptz := date_trunc('month', moment AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
    next  timestamptz := (date_trunc('month', moment AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';
    name  text := 'articles_' || to_char(moment AT TIME ZONE 'UTC', 'YYYY_MM');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('ensure_articles_partition'));
    IF to_regclass(name) IS NULL
       AND NOT EXISTS (SELECT FROM articles_default
                       WHERE id >= uuid_v7_floor(first) AND id < uuid_v7_floor(next)) THEN
        EXECUTE format('CREATE TABLE %I PARTITION OF articles FOR VALUES FROM (%L) TO (%L)',
                       name, uuid_v7_floor(first), uuid_v7_floor(next));
    END IF;
END
$$;
