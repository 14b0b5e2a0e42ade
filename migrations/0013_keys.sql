-- Under which keys claims and deals are found that may hang together (`ledger::keys`): each is weighed with those that share
-- one, however many there are of a company.
CREATE TABLE claim_keys (
    key       bigint NOT NULL,
    published timestamptz NOT NULL,
    claim_id  uuid NOT NULL REFERENCES claims ON DELETE CASCADE,
    PRIMARY KEY (key, published, claim_id)
);
CREATE INDEX claim_keys_claim ON claim_keys (claim_id);

CREATE TABLE deal_keys (
    key     bigint NOT NULL,
    day     date NOT NULL,
    deal_id uuid NOT NULL REFERENCES deals ON DELETE CASCADE,
    PRIMARY KEY (key, day, deal_id)
);
CREATE INDEX deal_keys_deal ON deal_keys (deal_id);

-- Why a claim rests in its deal: how sure its likest companion there is, and by what. NULL for one that founded it alone.
ALTER TABLE deal_claims
    ADD COLUMN score real,
    ADD COLUMN reasons text;

-- Claims that were filed before have no keys yet: they are weighed anew.
UPDATE claims SET merged_at = NULL WHERE superseded_at IS NULL;
DROP INDEX deals_programme_words;
ALTER TABLE deals DROP COLUMN programme_words;
