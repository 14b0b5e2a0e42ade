-- What one company pays another by each deal, both rolled up into who owned them on its day: the firm dollars, each counted
-- once. Kept from the shares, as the sums by month are.
CREATE TABLE flows (
    deal_id       uuid NOT NULL REFERENCES deals ON DELETE CASCADE,
    payer         text NOT NULL REFERENCES companies ON UPDATE CASCADE,
    payee         text NOT NULL REFERENCES companies ON UPDATE CASCADE,
    committed_usd numeric NOT NULL,
    kind          text NOT NULL,
    status        text NOT NULL,
    day           date NOT NULL,
    PRIMARY KEY (payer, payee, deal_id)
) WITH (fillfactor = 90);
CREATE INDEX flows_deal ON flows (deal_id);
-- All that the network adds up, without the table.
CREATE INDEX flows_sums ON flows (day) INCLUDE (payer, payee, committed_usd, kind, status);

CREATE FUNCTION note_flows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM flows WHERE deal_id IN (SELECT deal_id FROM changed);
    INSERT INTO flows
    SELECT d.id, payer.company, payee.company,
           sum(round(d.net_committed_usd * payer.part * payee.part / (payer.whole * payee.whole), 2)),
           payer.kind, payer.status, payer.day
    FROM shares payer JOIN shares payee ON payee.deal_id = payer.deal_id JOIN deals d ON d.id = payer.deal_id
    WHERE payer.deal_id IN (SELECT deal_id FROM changed)
    AND payer.direction = 'payer' AND payee.direction = 'payee' AND payer.company <> payee.company
    AND payer.is_top AND payee.is_top AND payer.scope IN ('family', 'both') AND payee.scope IN ('family', 'both')
    AND payer.part > 0 AND payee.part > 0 AND d.net_committed_usd > 0
    GROUP BY d.id, payer.company, payee.company, payer.kind, payer.status, payer.day;
    RETURN NULL;
END $$;

CREATE TRIGGER shares_flow_in AFTER INSERT ON shares REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION note_flows();
CREATE TRIGGER shares_flow_out AFTER DELETE ON shares REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION note_flows();

-- What is in the ledger already.
INSERT INTO stale_shares SELECT id FROM deals ON CONFLICT DO NOTHING;
