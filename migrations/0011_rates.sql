-- The European Central Bank's reference rates, and what an operator adds to them: by day, units of each currency for one
-- euro as {"USD": "1.1172", …}. Filled at the first start from the history that ships with the program. A row a day, for
-- they are read all at once.
CREATE TABLE rates (
    day      date PRIMARY KEY,
    per_euro jsonb NOT NULL
);
-- Counts the changes of the above, so that a worker knows when to read it again.
CREATE SEQUENCE rates_state;
