-- Who is who. Filled from the registry that ships with the program; a name that it does not know becomes a
-- provisional company, for an editor to confirm or to merge.
CREATE TABLE companies (
    slug        text PRIMARY KEY,
    name        text NOT NULL,
    category    text NOT NULL DEFAULT 'other',
    country     text CHECK (length(country) = 2),
    ticker      text,
    website     text,
    provisional boolean NOT NULL DEFAULT false
);
CREATE INDEX companies_name_trgm ON companies USING gin (name gin_trgm_ops);

-- Every spelling, the name itself among them, by its slug: what a name in an article is looked up by.
CREATE TABLE company_aliases (
    alias_slug text PRIMARY KEY,
    alias      text NOT NULL,
    company    text NOT NULL REFERENCES companies ON UPDATE CASCADE
);
CREATE INDEX company_aliases_company ON company_aliases (company);
CREATE INDEX company_aliases_trgm ON company_aliases USING gin (alias gin_trgm_ops);

CREATE TABLE company_parents (
    company    text NOT NULL REFERENCES companies ON UPDATE CASCADE,
    parent     text NOT NULL REFERENCES companies ON UPDATE CASCADE,
    valid_from date,
    valid_to   date,
    PRIMARY KEY (company, parent),
    CHECK (company <> parent)
);
CREATE INDEX company_parents_parent ON company_parents (parent);
