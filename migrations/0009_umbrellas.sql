-- A programme and its contracts, a framework and its tranches, a contract and what enlarges it. Derived over all deals;
-- the record says the same with its reasons.
ALTER TABLE deals
    -- The deal in which this one is contained: the two are never added.
    ADD COLUMN part_of uuid REFERENCES deals ON DELETE SET NULL,
    -- The deal on top of which this one comes.
    ADD COLUMN adds_to uuid REFERENCES deals ON DELETE SET NULL,
    -- The names under which its claims tell it, and the telling words of these and of the whole's name.
    ADD COLUMN programmes text[] NOT NULL DEFAULT '{}',
    ADD COLUMN programme_words text[] NOT NULL DEFAULT '{}',
    -- What its claims say that it belongs to, as `model::Whole`.
    ADD COLUMN whole jsonb;
CREATE INDEX deals_part_of ON deals (part_of) WHERE part_of IS NOT NULL;
CREATE INDEX deals_adds_to ON deals (adds_to) WHERE adds_to IS NOT NULL;
CREATE INDEX deals_programme_words ON deals USING gin (programme_words) WHERE programme_words <> '{}';
