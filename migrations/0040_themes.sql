-- What an article is about, as the lexicon of themes tells when it is read. The key answers for a theme: which articles, the
-- latest first, and how many in which week.
CREATE TABLE article_themes (
    theme      text NOT NULL,
    published  timestamptz NOT NULL,
    article_id uuid NOT NULL,
    PRIMARY KEY (theme, published, article_id)
);
CREATE INDEX article_themes_article ON article_themes (article_id);
