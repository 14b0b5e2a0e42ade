-- Lists by dollars, megawatts and publishers page by key in both directions: what is not disclosed sorts as -1, behind
-- everything, so that one comparison of rows says where a page begins.
CREATE INDEX deals_by_usd ON deals ((coalesce(committed_usd, -1)) DESC, day DESC, id DESC);
CREATE INDEX deals_by_mw ON deals ((coalesce(mw, -1)) DESC, day DESC, id DESC);
CREATE INDEX deals_by_publishers ON deals (publishers DESC, day DESC, id DESC);
DROP INDEX deals_usd;
DROP INDEX deals_mw;
-- What the sums of a filtered list are made of, so that they are read from the index alone.
CREATE INDEX deals_sums ON deals (day)
    INCLUDE (kind, status, committed_usd, potential_usd, mw, net_committed_usd, net_potential_usd, net_mw, countries);
