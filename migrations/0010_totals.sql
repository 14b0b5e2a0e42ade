-- What deals add to totals, so that no total reads the deals themselves.

-- A deal's figures without what the parts of an umbrella count already (`ledger::net`), and its latest news.
ALTER TABLE deals
    ADD COLUMN net_committed_usd numeric,
    ADD COLUMN net_potential_usd numeric,
    ADD COLUMN net_mw            numeric,
    ADD COLUMN last_news         date;
-- Finds open promises of which nobody speaks.
CREATE INDEX deals_last_news ON deals (status, last_news) WHERE status IN ('rumored', 'announced');
-- Finds what is usual for a kind in dollars for a megawatt.
CREATE INDEX deals_density ON deals (kind) INCLUDE (committed_usd, mw) WHERE committed_usd > 0 AND mw > 0;

-- What a deal adds to the totals of each company, as `ledger::shares` has it.
CREATE TABLE shares (
    deal_id           uuid NOT NULL REFERENCES deals ON DELETE CASCADE,
    position          integer NOT NULL,
    -- NULL: nobody is named on this side.
    company           text REFERENCES companies ON UPDATE CASCADE,
    -- The company's own, that of all that it owned on the day, or both.
    scope             text NOT NULL CHECK (scope IN ('own', 'family', 'both')),
    role              text,
    direction         text CHECK (direction IN ('payer', 'payee')),
    -- Of how many who share this side's money these are how many.
    part              integer NOT NULL,
    whole             integer NOT NULL,
    committed_usd     numeric,
    potential_usd     numeric,
    net_committed_usd numeric,
    net_potential_usd numeric,
    mw                numeric,
    net_mw            numeric,
    -- The first of the company on this side, or at all: what counts deals and megawatts once.
    leads_side        boolean NOT NULL,
    leads             boolean NOT NULL,
    -- Whether nobody owned the company on the day.
    is_top            boolean NOT NULL,
    -- Of the deal: whether it discloses a sum, and what totals are asked by.
    disclosed         boolean NOT NULL,
    kind              text NOT NULL,
    status            text NOT NULL,
    day               date NOT NULL,
    PRIMARY KEY (deal_id, position)
);
CREATE INDEX shares_company ON shares (company, day)
    INCLUDE (scope, direction, role, kind, status, committed_usd, potential_usd, net_committed_usd, net_potential_usd, mw, net_mw,
             leads_side, leads, disclosed);

-- The sums of the above by month. An empty company, role or direction stands for none.
CREATE TABLE company_months (
    company           text NOT NULL,
    scope             text NOT NULL,
    direction         text NOT NULL,
    role              text NOT NULL,
    kind              text NOT NULL,
    status            text NOT NULL,
    month             date NOT NULL,
    -- Counted once a side, and once a company.
    side_deals        bigint NOT NULL,
    side_disclosed    bigint NOT NULL,
    side_mw           numeric NOT NULL,
    side_net_mw       numeric NOT NULL,
    deals             bigint NOT NULL,
    disclosed         bigint NOT NULL,
    mw                numeric NOT NULL,
    net_mw            numeric NOT NULL,
    committed_usd     numeric NOT NULL,
    potential_usd     numeric NOT NULL,
    net_committed_usd numeric NOT NULL,
    net_potential_usd numeric NOT NULL,
    PRIMARY KEY (company, scope, direction, role, kind, status, month)
);

-- Adds the changed shares to the months, or takes them away: the argument is 1 or -1. Both go by the primary key.
CREATE FUNCTION count_shares() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sign integer := TG_ARGV[0];
BEGIN
    INSERT INTO company_months AS m
    SELECT coalesce(company, ''), scope, coalesce(direction, ''), coalesce(role, ''), kind, status,
           date_trunc('month', day)::date,
           sign * count(*) FILTER (WHERE leads_side), sign * count(*) FILTER (WHERE leads_side AND disclosed),
           sign * coalesce(sum(mw) FILTER (WHERE leads_side), 0), sign * coalesce(sum(net_mw) FILTER (WHERE leads_side), 0),
           sign * count(*) FILTER (WHERE leads), sign * count(*) FILTER (WHERE leads AND disclosed),
           sign * coalesce(sum(mw) FILTER (WHERE leads), 0), sign * coalesce(sum(net_mw) FILTER (WHERE leads), 0),
           sign * coalesce(sum(committed_usd), 0), sign * coalesce(sum(potential_usd), 0),
           sign * coalesce(sum(net_committed_usd), 0), sign * coalesce(sum(net_potential_usd), 0)
    FROM changed GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7
    ON CONFLICT (company, scope, direction, role, kind, status, month) DO UPDATE SET
        side_deals = m.side_deals + excluded.side_deals, side_disclosed = m.side_disclosed + excluded.side_disclosed,
        side_mw = m.side_mw + excluded.side_mw, side_net_mw = m.side_net_mw + excluded.side_net_mw,
        deals = m.deals + excluded.deals, disclosed = m.disclosed + excluded.disclosed,
        mw = m.mw + excluded.mw, net_mw = m.net_mw + excluded.net_mw,
        committed_usd = m.committed_usd + excluded.committed_usd, potential_usd = m.potential_usd + excluded.potential_usd,
        net_committed_usd = m.net_committed_usd + excluded.net_committed_usd,
        net_potential_usd = m.net_potential_usd + excluded.net_potential_usd;
    RETURN NULL;
END $$;

CREATE TRIGGER shares_added AFTER INSERT ON shares REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_shares('1');
CREATE TRIGGER shares_removed AFTER DELETE ON shares REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_shares('-1');
CREATE TRIGGER shares_moved_from AFTER UPDATE ON shares REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_shares('-1');
CREATE TRIGGER shares_moved_to AFTER UPDATE ON shares REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_shares('1');

-- The sums of deals by month: of all (an empty country), of each country, and of those of which nobody tells where (ZZ).
-- A deal in several countries is divided among them equally, so that the countries add up to all.
CREATE TABLE place_months (
    country           text NOT NULL,
    kind              text NOT NULL,
    status            text NOT NULL,
    month             date NOT NULL,
    deals             bigint NOT NULL,
    disclosed         bigint NOT NULL,
    committed_usd     numeric NOT NULL,
    potential_usd     numeric NOT NULL,
    net_committed_usd numeric NOT NULL,
    net_potential_usd numeric NOT NULL,
    mw                numeric NOT NULL,
    net_mw            numeric NOT NULL,
    PRIMARY KEY (country, kind, status, month)
);

-- An equal part of a sum, of which the first takes what does not divide.
CREATE FUNCTION part_of_sum(whole numeric, parts bigint, nth bigint) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN parts = 1 THEN whole
                WHEN nth = 1 THEN whole - round(whole / parts, 2) * (parts - 1)
                ELSE round(whole / parts, 2) END
$$;

-- Adds the changed deals to the months of their places, or takes them away.
CREATE FUNCTION count_places() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sign integer := TG_ARGV[0];
BEGIN
    INSERT INTO place_months AS m
    SELECT place.country, d.kind, d.status, date_trunc('month', d.day)::date, sign * count(*),
           sign * count(*) FILTER (WHERE d.committed_usd IS NOT NULL OR d.potential_usd IS NOT NULL),
           sign * coalesce(sum(part_of_sum(d.committed_usd, parts, nth)), 0),
           sign * coalesce(sum(part_of_sum(d.potential_usd, parts, nth)), 0),
           sign * coalesce(sum(part_of_sum(d.net_committed_usd, parts, nth)), 0),
           sign * coalesce(sum(part_of_sum(d.net_potential_usd, parts, nth)), 0),
           sign * coalesce(sum(part_of_sum(d.mw, parts, nth)), 0), sign * coalesce(sum(part_of_sum(d.net_mw, parts, nth)), 0)
    FROM changed d, LATERAL (
        SELECT '' AS country, 1::bigint AS parts, 1::bigint AS nth
        UNION ALL
        SELECT country, cardinality(d.countries), nth FROM unnest(d.countries) WITH ORDINALITY AS named (country, nth)
        UNION ALL
        SELECT 'ZZ', 1, 1 WHERE cardinality(d.countries) = 0) place
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (country, kind, status, month) DO UPDATE SET
        deals = m.deals + excluded.deals, disclosed = m.disclosed + excluded.disclosed,
        committed_usd = m.committed_usd + excluded.committed_usd, potential_usd = m.potential_usd + excluded.potential_usd,
        net_committed_usd = m.net_committed_usd + excluded.net_committed_usd,
        net_potential_usd = m.net_potential_usd + excluded.net_potential_usd,
        mw = m.mw + excluded.mw, net_mw = m.net_mw + excluded.net_mw;
    RETURN NULL;
END $$;

CREATE TRIGGER deals_places_added AFTER INSERT ON deals REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_places('1');
CREATE TRIGGER deals_places_removed AFTER DELETE ON deals REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_places('-1');
CREATE TRIGGER deals_places_moved_from AFTER UPDATE ON deals REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_places('-1');
CREATE TRIGGER deals_places_moved_to AFTER UPDATE ON deals REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_places('1');

-- Deals whose shares have to be worked out again: marked by every change of a record, whoever makes it.
CREATE TABLE stale_shares (
    deal_id uuid PRIMARY KEY
);

CREATE FUNCTION mark_shares() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stale_shares
    SELECT DISTINCT deal FROM unnest(ARRAY[
        CASE WHEN TG_OP <> 'DELETE' THEN NEW.id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.part_of END,
        CASE WHEN TG_OP <> 'INSERT' THEN OLD.part_of END]) AS deal
    WHERE deal IS NOT NULL ORDER BY 1
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE TRIGGER deals_mark_shares AFTER INSERT OR DELETE OR UPDATE OF record, part_of ON deals
    FOR EACH ROW EXECUTE FUNCTION mark_shares();

-- Who owns whom has changed: the deals of what is owned count for others.
CREATE FUNCTION mark_owned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stale_shares
    WITH RECURSIVE owned AS (
        SELECT CASE WHEN TG_OP = 'DELETE' THEN OLD.company ELSE NEW.company END AS company
        UNION
        SELECT p.company FROM owned o JOIN company_parents p ON p.parent = o.company)
    SELECT DISTINCT p.deal_id FROM owned o JOIN deal_parties p ON p.company = o.company ORDER BY 1
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE TRIGGER parents_mark_shares AFTER INSERT OR DELETE ON company_parents
    FOR EACH ROW EXECUTE FUNCTION mark_owned();
CREATE TRIGGER parents_moved_mark_shares AFTER UPDATE ON company_parents
    FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION mark_owned();

-- What is in the ledger already.
INSERT INTO stale_shares SELECT id FROM deals;
INSERT INTO place_months
SELECT place.country, d.kind, d.status, date_trunc('month', d.day)::date, count(*),
       count(*) FILTER (WHERE d.committed_usd IS NOT NULL OR d.potential_usd IS NOT NULL),
       coalesce(sum(part_of_sum(d.committed_usd, parts, nth)), 0), coalesce(sum(part_of_sum(d.potential_usd, parts, nth)), 0),
       0, 0, coalesce(sum(part_of_sum(d.mw, parts, nth)), 0), 0
FROM deals d, LATERAL (
    SELECT '' AS country, 1::bigint AS parts, 1::bigint AS nth
    UNION ALL
    SELECT country, cardinality(d.countries), nth FROM unnest(d.countries) WITH ORDINALITY AS named (country, nth)
    UNION ALL
    SELECT 'ZZ', 1, 1 WHERE cardinality(d.countries) = 0) place
GROUP BY 1, 2, 3, 4;
