-- An editor's word on top of the claims, and the past as it was known.

-- From when a record holds for those who ask for the past, where that is not when it was written down: what a backfill
-- brings in, counts from the day on which it happened.
ALTER TABLE revisions ADD COLUMN effective_at timestamptz;
-- In which order they were written: several may share a time.
ALTER TABLE revisions ADD COLUMN written bigint GENERATED ALWAYS AS IDENTITY;
-- The editor's word that caused it.
ALTER TABLE revisions ADD COLUMN override_id uuid;
CREATE INDEX revisions_as_of ON revisions (deal_id, (coalesce(effective_at, recorded_at)) DESC, written DESC);
CREATE INDEX revisions_parties ON revisions USING gin ((record -> 'parties') jsonb_path_ops) WHERE record IS NOT NULL;
CREATE INDEX revisions_umbrella ON revisions ((record -> 'umbrella' ->> 'deal')) WHERE record -> 'umbrella' IS NOT NULL;

-- What editors say: never changed, only revoked by another row. A word is about claims, not about records, so that it
-- survives a rebuild: about the deal that holds `claim_id`, or about that claim and the other one.
CREATE TABLE overrides (
    id             uuid PRIMARY KEY,
    claim_id       uuid NOT NULL REFERENCES claims,
    other_claim_id uuid REFERENCES claims,
    -- The deal that held the claim, so that a deal that comes back has its old address.
    deal_id        uuid,
    -- `model::Word`.
    word           jsonb NOT NULL,
    revokes        uuid REFERENCES overrides,
    editor         text NOT NULL,
    reason         text NOT NULL,
    made_at        timestamptz NOT NULL
);
CREATE INDEX overrides_claim ON overrides (claim_id);
CREATE INDEX overrides_other ON overrides (other_claim_id) WHERE other_claim_id IS NOT NULL;
-- Finds the claim in the place of one that a newer reading has superseded.
CREATE INDEX claims_place ON claims (article_id, ordinal);
