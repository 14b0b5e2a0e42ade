-- Every change of a deal with its cause. Nothing is deleted.
CREATE TABLE revisions (
    id          uuid PRIMARY KEY,
    deal_id     uuid NOT NULL,
    -- When it was written down, and the day on which it happened (the causing article's).
    recorded_at timestamptz NOT NULL,
    happened_on date NOT NULL,
    cause       text NOT NULL CHECK (cause IN ('claim', 'editor', 'rule')),
    claim_id    uuid,
    -- [{"field", "from", "to"}], in words and figures as a page shows them.
    changes     jsonb NOT NULL,
    -- The whole record after the change; NULL where it ceased to be (merged away).
    record      jsonb
);
CREATE INDEX revisions_deal ON revisions (deal_id, recorded_at DESC);
CREATE INDEX revisions_recorded ON revisions (recorded_at DESC);

-- What an editor has to decide: pairs of claims that may be one deal, with the reasons for and against.
CREATE TABLE proposals (
    first_claim  uuid NOT NULL REFERENCES claims,
    second_claim uuid NOT NULL REFERENCES claims,
    score        real NOT NULL,
    reasons      text NOT NULL,
    made_at      timestamptz NOT NULL,
    PRIMARY KEY (first_claim, second_claim),
    CHECK (first_claim < second_claim)
);
CREATE INDEX proposals_second ON proposals (second_claim);
