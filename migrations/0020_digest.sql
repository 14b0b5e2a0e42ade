-- The digest: who wants it, what was in each issue, and what was sent to whom.

-- Where mail and messages go to. The one place that holds an address; everything else knows its id.
CREATE TABLE addresses (
    id             uuid PRIMARY KEY,
    channel        text NOT NULL CHECK (channel IN ('mail', 'slack', 'teams', 'discord', 'webhook')),
    -- A mail address, or the URL of a webhook.
    address        text NOT NULL,
    -- How often it was told that nothing arrives there, since when it was last forgotten.
    bounces        integer NOT NULL DEFAULT 0,
    last_bounce_at timestamptz,
    -- Nothing is sent there any more: too many bounces, or a complaint.
    suspended_at   timestamptz,
    suspended_for  text CHECK (suspended_for IN ('bounces', 'complaint')),
    created_at     timestamptz NOT NULL
);
CREATE UNIQUE INDEX addresses_address ON addresses (channel, lower(address));

-- What is wanted, how often and when.
CREATE TABLE subscriptions (
    id           uuid PRIMARY KEY,
    -- The filter as the query of the timeline's address, and as it is understood (`model::Wish`).
    query        text NOT NULL,
    wish         jsonb NOT NULL,
    cadence      text NOT NULL CHECK (cadence IN ('weekly', 'daily', 'instant')),
    -- 1 is Monday. What is weekly goes out on this day, at this hour of the zone; what is daily at this hour.
    weekday      smallint NOT NULL CHECK (weekday BETWEEN 1 AND 7),
    hour         smallint NOT NULL CHECK (hour BETWEEN 0 AND 23),
    zone         text NOT NULL,
    format       text NOT NULL CHECK (format IN ('both', 'text')),
    -- Whether a short issue comes when there is nothing new.
    when_quiet   boolean NOT NULL,
    -- When the next issue is due; NULL: as soon as something changes, or nobody has confirmed yet.
    next_at      timestamptz,
    created_at   timestamptz NOT NULL
);
CREATE INDEX subscriptions_due ON subscriptions (next_at) WHERE next_at IS NOT NULL;

-- Who receives a subscription: one address, or those of a team.
CREATE TABLE recipients (
    id              uuid PRIMARY KEY,
    subscription_id uuid NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
    address_id      uuid NOT NULL REFERENCES addresses ON DELETE CASCADE,
    -- Counted up to make the links of older mails void.
    generation      integer NOT NULL DEFAULT 0,
    -- SHA-256 of the latest link that confirms, so that an older one is void.
    confirm_hash    bytea CHECK (length(confirm_hash) = 32),
    confirmed_at    timestamptz,
    -- The recipient in whose place this one comes once it is confirmed: a change of address.
    replaces        uuid,
    created_at      timestamptz NOT NULL,
    UNIQUE (subscription_id, address_id)
);
CREATE INDEX recipients_address ON recipients (address_id);

-- Issues, each frozen when it is made.
CREATE TABLE issues (
    id        uuid PRIMARY KEY,
    cadence   text NOT NULL CHECK (cadence IN ('weekly', 'daily', 'instant')),
    -- What its address calls it: `2026-W20`, `2026-05-14`.
    name      text NOT NULL UNIQUE,
    from_at   timestamptz NOT NULL,
    until_at  timestamptz NOT NULL,
    made_at   timestamptz NOT NULL,
    -- `ledger::issue::Issue`.
    content   jsonb NOT NULL,
    -- How many changes it tells of.
    entries   integer NOT NULL,
    CHECK (from_at < until_at)
);
CREATE INDEX issues_until ON issues (cadence, until_at DESC);

-- An issue never changes.
CREATE FUNCTION keep_issue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an issue is frozen: it is neither changed nor deleted';
END $$;
CREATE TRIGGER issues_frozen BEFORE UPDATE OR DELETE ON issues FOR EACH ROW EXECUTE FUNCTION keep_issue();

-- Of which deals an issue tells.
CREATE TABLE issue_deals (
    deal_id  uuid NOT NULL,
    issue_id uuid NOT NULL REFERENCES issues,
    PRIMARY KEY (deal_id, issue_id)
);

-- What was wrong in an issue, found out later.
CREATE TABLE corrections (
    id        uuid PRIMARY KEY,
    issue_id  uuid NOT NULL REFERENCES issues,
    deal_id   uuid NOT NULL,
    -- `ledger::issue::Correction`.
    content   jsonb NOT NULL,
    noted_at  timestamptz NOT NULL
);
CREATE INDEX corrections_issue ON corrections (issue_id, noted_at);
CREATE INDEX revisions_written ON revisions (written);

-- The ledger of what is sent: a row a letter. Holds ids only, and outlives whoever it went to.
CREATE TABLE deliveries (
    id           uuid PRIMARY KEY,
    -- `issue`: an issue; `correction`: what was wrong in it; the others are letters about the subscription itself.
    kind         text NOT NULL CHECK (kind IN ('issue', 'correction', 'confirm', 'known', 'address')),
    issue_id     uuid REFERENCES issues,
    recipient_id uuid NOT NULL,
    -- Whether it goes by mail; else by webhook.
    by_mail      boolean NOT NULL,
    -- waiting → sending → sent. `uncertain`: whoever sent it died, or the line broke, before the answer came; it is not
    -- sent again by itself. `failed`: refused for good. `skipped`: nothing to tell, or nobody to tell it to.
    state        text NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'uncertain', 'failed', 'skipped')),
    due_at       timestamptz NOT NULL,
    attempts     integer NOT NULL DEFAULT 0,
    -- Which worker has it in hand: it holds the advisory lock of this number for as long as it lives.
    worker       integer,
    done_at      timestamptz,
    -- What became of it, without any address.
    answer       text,
    created_at   timestamptz NOT NULL,
    CHECK ((issue_id IS NOT NULL) = (kind IN ('issue', 'correction')))
);
-- Each issue goes to each recipient once.
CREATE UNIQUE INDEX deliveries_once ON deliveries (issue_id, recipient_id) WHERE kind = 'issue';
-- And each batch of corrections.
CREATE UNIQUE INDEX deliveries_corrected_once ON deliveries (issue_id, recipient_id, created_at) WHERE kind = 'correction';
CREATE INDEX deliveries_waiting ON deliveries (by_mail, due_at, id) WHERE state = 'waiting';
CREATE INDEX deliveries_sending ON deliveries (worker) WHERE state = 'sending';
CREATE INDEX deliveries_recipient ON deliveries (recipient_id, created_at);

-- How often somebody asked, by a keyed hash of the network or address, so that it cannot be told who.
CREATE TABLE requests (
    who bytea NOT NULL,
    at  timestamptz NOT NULL
);
CREATE INDEX requests_who ON requests (who, at);

-- What an issue is chosen from: the changes of a period, and whose last news lies so far back.
CREATE INDEX revisions_effective ON revisions ((coalesce(effective_at, recorded_at)));
CREATE INDEX revisions_happened ON revisions (happened_on) WHERE cause = 'claim';
