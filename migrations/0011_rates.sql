-- The European Central Bank's reference rates, and what an operator adds to them: units of a currency for one euro.
-- Filled at the first start from the history that ships with the program.
CREATE TABLE rates (
    currency text NOT NULL CHECK (length(currency) = 3),
    day      date NOT NULL,
    per_euro numeric NOT NULL CHECK (per_euro > 0),
    PRIMARY KEY (currency, day)
);
-- Counts the changes of the above, so that a worker knows when to read it again.
CREATE SEQUENCE rates_state;
