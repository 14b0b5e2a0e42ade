-- The merged record, derived from claims: it can be rebuilt from them at any time, with the same result.
CREATE TABLE deals (
    id            uuid PRIMARY KEY,
    slug          text NOT NULL,
    headline      text NOT NULL,
    kind          text NOT NULL,
    status        text NOT NULL,
    -- The announcement, else the day on which it was first seen: what lists sort, filter and group by.
    day           date NOT NULL,
    announced_on  date,
    first_seen    timestamptz NOT NULL,
    committed_usd numeric,
    potential_usd numeric,
    mw            numeric,
    places        text[] NOT NULL,
    countries     text[] NOT NULL,
    publishers    integer NOT NULL,
    articles      integer NOT NULL,
    -- The whole record as `model::Deal`, for the pages; the columns above are those that lists filter and sort by.
    record        jsonb NOT NULL,
    -- Headline, names and places.
    search        tsvector NOT NULL,
    updated_at    timestamptz NOT NULL
);
CREATE INDEX deals_day ON deals (day DESC, id DESC);
CREATE INDEX deals_kind_day ON deals (kind, day DESC, id DESC);
CREATE INDEX deals_status_day ON deals (status, day DESC, id DESC);
CREATE INDEX deals_usd ON deals (committed_usd DESC NULLS LAST, id DESC);
CREATE INDEX deals_mw ON deals (mw DESC NULLS LAST, id DESC);
CREATE INDEX deals_countries ON deals USING gin (countries);
CREATE INDEX deals_search ON deals USING gin (search);

CREATE TABLE deal_parties (
    deal_id       uuid NOT NULL REFERENCES deals ON DELETE CASCADE,
    position      integer NOT NULL,
    company       text NOT NULL REFERENCES companies ON UPDATE CASCADE,
    role          text NOT NULL,
    -- Which way money flows, and this party's share of it.
    direction     text CHECK (direction IN ('payer', 'payee')),
    committed_usd numeric,
    potential_usd numeric,
    -- Copied from the deal, so that a company's timeline and totals are read from one index.
    day           date NOT NULL,
    status        text NOT NULL,
    PRIMARY KEY (deal_id, position)
);
CREATE INDEX deal_parties_company ON deal_parties (company, day DESC, deal_id DESC);

-- Which claims a deal rests on. A deal keeps its id through a rebuild because its claims remember it.
CREATE TABLE deal_claims (
    claim_id uuid PRIMARY KEY REFERENCES claims,
    deal_id  uuid NOT NULL REFERENCES deals ON DELETE CASCADE
);
CREATE INDEX deal_claims_deal ON deal_claims (deal_id);

-- Where the id of a deal that was merged into another leads.
CREATE TABLE deal_redirects (
    old_id uuid PRIMARY KEY,
    new_id uuid NOT NULL REFERENCES deals ON DELETE CASCADE
);
CREATE INDEX deal_redirects_new ON deal_redirects (new_id);
