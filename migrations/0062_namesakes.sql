-- Two companies that the registry does not know may share a name. A claim's name is kept as it would stand for its company
-- if nobody shared it, with what its article tells of the company; where two articles tell of another country and another
-- trade, the name is shared, and whoever is from a country that is told goes by it: "Orbit (Norway)".
ALTER TABLE claim_companies
    -- The slug of the bare name; NULL for a company of the registry.
    ADD COLUMN named    text,
    -- ISO 3166-1, where the article tells it.
    ADD COLUMN country  text,
    -- A category's wire name, where the article tells it.
    ADD COLUMN category text;
UPDATE claim_companies cc SET named = cc.company,
                              country = c.body -> 'parties' -> cc.position ->> 'country',
                              category = c.body -> 'parties' -> cc.position ->> 'category'
FROM claims c, companies k WHERE c.id = cc.claim_id AND k.slug = cc.company AND k.provisional;
CREATE INDEX claim_companies_named ON claim_companies (named) WHERE named IS NOT NULL;

-- The bare name's slug of a company that shares it with others.
ALTER TABLE companies ADD COLUMN namesake text;
CREATE INDEX companies_namesake ON companies (namesake) WHERE namesake IS NOT NULL;
