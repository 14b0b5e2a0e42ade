-- What reading politely on several machines needs to remember.

-- A host that is asked by one worker at a time. Who asks it holds its row for some seconds and renews that while the
-- answer comes, so that a worker that dies is not waited for. All times are the database's, for workers' clocks differ.
CREATE TABLE hosts (
    -- Name and, where it is not the usual one, port.
    host           text PRIMARY KEY,
    held_by        uuid,
    held_until     timestamptz,
    -- When it may be asked again.
    free_at        timestamptz NOT NULL,
    -- The latest time that has been promised to somebody who waits.
    promised       timestamptz NOT NULL,
    -- Its robots.txt, as far as it was read; NULL until it was.
    robots         text,
    robots_read_at timestamptz
);

ALTER TABLE sources
    -- Where a permanent redirect leads, since when, and how often it has been met: taken for the address once proven.
    ADD COLUMN moved_to      text,
    ADD COLUMN moved_since   timestamptz,
    ADD COLUMN moved_times   integer NOT NULL DEFAULT 0,
    -- The page of its history that is read next, while its past is being read (RFC 5005).
    ADD COLUMN backfill_url  text,
    ADD COLUMN backfilled    integer NOT NULL DEFAULT 0,
    -- WebSub: where it can be subscribed to, under which name, and what the subscription came to.
    ADD COLUMN hub           text,
    ADD COLUMN topic         text,
    ADD COLUMN hub_secret    text,
    ADD COLUMN hub_asked_at  timestamptz,
    ADD COLUMN hub_until     timestamptz;

ALTER TABLE articles
    -- The article that this one is a copy of; NULL for one that is first, or alone.
    ADD COLUMN story     uuid,
    -- The publisher that a copy counts as: that of the first article, or the agency that it credits.
    ADD COLUMN counts_as text,
    -- Who wrote it, where it says.
    ADD COLUMN author    text,
    -- How often reading it was begun since it last changed.
    ADD COLUMN tries     integer NOT NULL DEFAULT 0,
    -- Why it was set aside; it is not tried again until somebody asks.
    ADD COLUMN fault     text;
CREATE INDEX articles_story ON articles (story) WHERE story IS NOT NULL;
CREATE INDEX articles_fault ON articles (id) WHERE fault IS NOT NULL;
CREATE INDEX articles_language ON articles (language) WHERE language IS NOT NULL;

-- What near copies of a text have in common with it: bands of its signature.
CREATE TABLE article_bands (
    band       bigint NOT NULL,
    article_id uuid NOT NULL,
    published  timestamptz NOT NULL,
    PRIMARY KEY (band, article_id)
);
CREATE INDEX article_bands_article ON article_bands (article_id);
CREATE TABLE article_signatures (
    article_id uuid PRIMARY KEY,
    signature  bytea NOT NULL
);

-- What an article said before it was changed.
CREATE TABLE article_versions (
    article_id   uuid NOT NULL,
    content_hash bytea NOT NULL,
    title        text NOT NULL,
    text         text NOT NULL,
    replaced_at  timestamptz NOT NULL,
    PRIMARY KEY (article_id, content_hash)
);

-- Whoever shows deals is told when there are new ones or one has changed, once a transaction.
CREATE FUNCTION tell_of_deals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('wattline_deals', '');
    RETURN NULL;
END
$$;
CREATE TRIGGER tell_of_deals AFTER INSERT OR UPDATE OR DELETE ON deals
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_deals();
