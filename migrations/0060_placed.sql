-- What an editor says of a deal's place under others: how it belongs to the deal of a claim (`model::Bond`), or `none`: it
-- belongs to no other.
ALTER TABLE deals
    ADD COLUMN said_bond text,
    ADD COLUMN said_under uuid REFERENCES claims,
    ADD CHECK ((said_under IS NULL) = (coalesce(said_bond, 'none') = 'none'));
CREATE INDEX deals_said_under ON deals (said_under) WHERE said_under IS NOT NULL;
