-- What full-text search needs: accents do not matter ("Electricite" finds "Électricité"), misspelt names are found by
-- their trigrams. Both extensions are trusted, so that the database's owner can create them.
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TEXT SEARCH CONFIGURATION wattline (COPY = english);
ALTER TEXT SEARCH CONFIGURATION wattline
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, english_stem;
