-- Claims as the interface lists them, and deals as feeds follow them.
CREATE INDEX claims_published ON claims (published DESC, id DESC) WHERE superseded_at IS NULL;
CREATE INDEX deals_updated ON deals (updated_at DESC, id DESC);
