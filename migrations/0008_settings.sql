-- What the program remembers about itself: which archive it has read, for example.
CREATE TABLE settings (
    key   text PRIMARY KEY,
    value jsonb NOT NULL
);
