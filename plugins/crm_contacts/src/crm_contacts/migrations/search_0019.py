"""The function that searches contacts, as revision 0019 replaces it."""

from __future__ import annotations

#: Trigrams are no leakproof business, so this runs past row security: it names the workspace
#: for every table, and returns ids and ranks only.
#:
#: `terms` are the words that must all be found, `ends` the first words behind those that begin
#: with them, `parts` what other words may contain. An email address, which stands behind an @,
#: counts if it is found, and may be missed: its words are terms, too. Scores: 60 the word itself,
#: 40 its beginning, 20 a part, up to 10 something similar; and the word's weight. A rank of 0 is
#: the best there could be.
#:
#: Every step has an end: 200 words of a kind, 2,000 contacts for a single term, 1,000 in all. Of
#: several terms `first` has up to 1,001 contacts each. A term that has no more, and of which no
#: word was left out, is `whole`: there is nothing else to know of it. The rarest term names the
#: candidates; `kept` are those of them that each whole term has, too. For terms that are not whole,
#: `own` has the words of those contacts that these terms look for: so a common term hides nobody.
#: Where the rarest has more than a thousand, it is the one of which fewest have the word itself,
#: its beginning or a part, and those who have something similar fill up three hundred; where each
#: has more of these, too, 12,000 of them together are seen.
#: What is similar counts while fewer than fifty contacts, or words, are found without, and never
#: for a word with a digit: one that differs in it is somebody else's. Words of up to 8 letters have
#: too few trigrams for their slips: two letters exchanged and one too many are tried one by one.
#:
#: Words with digits, numbers and mailboxes above all, are nearly all words of a large workspace.
#: They have an index of their own, in which words without are looked for if nothing else is found;
#: what they begin with is a word of letters. Words are looked for by their beginning among those
#: alone, too.
SEARCH = """
CREATE OR REPLACE FUNCTION crm_contacts.search_contacts(terms text[], ends text[], parts text[])
RETURNS TABLE (contact_id uuid, rank integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
SET search_path = pg_catalog, pg_temp
SET pg_trgm.similarity_threshold = 0.3
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    workspace CONSTANT uuid := nullif(current_setting('meishi.workspace', true), '')::uuid;
BEGIN
    RETURN QUERY
    WITH term AS MATERIALIZED (
        SELECT t.place, t.word COLLATE "C" AS word, t.final COLLATE "C" AS final, t.part,
            '%' || replace(replace(replace(t.part, '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%'
                AS pattern,
            length(t.part) >= 3 AND strpos(t.word, '@') = 0 AS parted,
            t.word !~ '[0-9@]' AS lettered
        FROM unnest(terms, ends, parts) WITH ORDINALITY AS t(word, final, part, place)
    ),
    near AS MATERIALIZED (
        SELECT t.place, n.word, max(n.score) AS score
        FROM term t CROSS JOIN LATERAL (
            SELECT w.word, 60 AS score FROM crm_contacts.word w
            WHERE w.workspace_id = workspace AND w.word = t.word
            UNION ALL
            (SELECT w.word, 40 FROM crm_contacts.word w
            WHERE t.lettered AND w.workspace_id = workspace
                AND w.word !~ '[0-9@]' AND w.word > t.word AND w.word < t.final
            ORDER BY w.word LIMIT 200)
            UNION ALL
            (SELECT w.word, 40 FROM crm_contacts.word w
            WHERE NOT t.lettered AND w.workspace_id = workspace
                AND w.word > t.word AND w.word < t.final
            ORDER BY w.word LIMIT 200)
            UNION ALL
            (SELECT w.word, 20 FROM crm_contacts.word w
            WHERE t.parted AND t.lettered AND w.workspace_id = workspace
                AND w.word !~ '[0-9@]' AND w.word LIKE t.pattern
            ORDER BY length(w.word), w.word LIMIT 200)
            UNION ALL
            (SELECT w.word, 20 FROM crm_contacts.word w
            WHERE t.parted AND NOT t.lettered AND w.workspace_id = workspace
                AND w.word ~ '[0-9]' AND strpos(w.word, '@') = 0 AND w.word LIKE t.pattern
            ORDER BY length(w.word), w.word LIMIT 200)
        ) n
        GROUP BY t.place, n.word
    ),
    counted AS MATERIALIZED (
        SELECT t.place, (SELECT count(*) FROM near n WHERE n.place = t.place) AS words,
            (SELECT count(*) FROM (
                SELECT FROM near n CROSS JOIN LATERAL (
                    SELECT FROM crm_contacts.contact_word cw
                    WHERE cw.workspace_id = workspace AND cw.word = n.word LIMIT 50
                ) c WHERE n.place = t.place LIMIT 50
            ) k) AS contacts
        FROM term t
    ),
    found AS MATERIALIZED (
        SELECT place, word, score FROM near
        UNION ALL
        SELECT t.place, s.word, s.score
        FROM term t CROSS JOIN LATERAL (
            SELECT w.word, (10 * meishi_extensions.similarity(w.word, t.word))::integer AS score
            FROM crm_contacts.word w
            WHERE t.parted AND t.lettered AND w.workspace_id = workspace
                AND w.word !~ '[0-9@]' AND w.word OPERATOR(meishi_extensions.%) t.word
                AND (SELECT words < 50 AND contacts < 50 FROM counted c WHERE c.place = t.place)
            ORDER BY 2 DESC, w.word LIMIT 50
        ) s
        WHERE NOT EXISTS (SELECT FROM near n WHERE n.place = t.place AND n.word = s.word)
        UNION ALL
        SELECT t.place, m.word, 20
        FROM term t CROSS JOIN LATERAL (
            SELECT w.word FROM crm_contacts.word w
            WHERE t.parted AND t.lettered AND w.workspace_id = workspace
                AND w.word ~ '[0-9]' AND strpos(w.word, '@') = 0 AND w.word LIKE t.pattern
                AND NOT EXISTS (SELECT FROM near n WHERE n.place = t.place)
            ORDER BY length(w.word), w.word LIMIT 200
        ) m
        UNION ALL
        SELECT DISTINCT t.place, w.word, 10
        FROM term t
        CROSS JOIN generate_series(1, length(t.word)) AS i
        CROSS JOIN LATERAL (
            SELECT left(t.word, i - 1) || substr(t.word, i + 1, 1) || substr(t.word, i, 1)
                || substr(t.word, i + 2)
            UNION ALL
            SELECT left(t.word, i - 1) || substr(t.word, i + 1) WHERE length(t.word) > 3
        ) AS slip (word)
        JOIN crm_contacts.word w
            ON w.workspace_id = workspace AND w.word = slip.word COLLATE "C"
        WHERE t.parted AND length(t.word) <= 8 AND t.word ~ '[^0-9]'
            AND NOT EXISTS (SELECT FROM near n WHERE n.place = t.place AND n.word = w.word)
    ),
    first AS MATERIALIZED (
        SELECT t.place, h.contact_id, h.near, h.turn, h.score
        FROM term t CROSS JOIN LATERAL (
            SELECT c.contact_id, f.score >= 20 AS near, row_number() OVER () AS turn,
                f.score + c.weight AS score
            FROM (SELECT * FROM found WHERE place = t.place ORDER BY score DESC, word) f
            CROSS JOIN LATERAL (
                SELECT cw.contact_id, cw.weight FROM crm_contacts.contact_word cw
                WHERE cw.workspace_id = workspace AND cw.word = f.word LIMIT 1001
            ) c
            LIMIT CASE WHEN cardinality(terms) = 1 THEN 0 ELSE 1001 END
        ) h
    ),
    sized AS MATERIALIZED (
        SELECT t.place, strpos(t.word, '@') = 0 AS needed, count(f.contact_id) AS size,
            count(*) FILTER (WHERE f.near) AS near,
            count(*) <= 1000
                AND (SELECT words FROM counted c WHERE c.place = t.place) < 200 AS whole
        FROM term t LEFT JOIN first f USING (place)
        WHERE cardinality(terms) > 1 GROUP BY t.place, t.word
        HAVING strpos(t.word, '@') = 0 OR bool_or(f.near)
    ),
    rarest AS MATERIALIZED (
        SELECT place, size, size <= 1000 OR near BETWEEN 1 AND 1000
            OR (SELECT bool_and(whole) FROM sized) AS few
        FROM sized
        ORDER BY size > 1000, near NOT BETWEEN 1 AND 1000,
            CASE WHEN size > 1000 THEN near ELSE size END, place LIMIT 1
    ),
    kept AS MATERIALIZED (
        SELECT f.contact_id
        FROM first f JOIN sized s USING (place) CROSS JOIN rarest l
        WHERE l.few AND CASE WHEN f.place = l.place
            THEN s.whole OR f.near OR l.size <= 1000 OR f.turn <= 300
            ELSE s.whole AND s.needed END
        GROUP BY f.contact_id
        HAVING bit_or(1 << f.place::integer) = (
            SELECT bit_or(1 << s.place::integer) FROM sized s JOIN rarest l
                ON s.place = l.place OR (s.whole AND s.needed))
    ),
    broad AS MATERIALIZED (
        SELECT t.* FROM term t JOIN counted c USING (place) WHERE c.words >= 200
    ),
    sought AS MATERIALIZED (
        SELECT f.word FROM found f JOIN sized s USING (place) WHERE NOT s.whole
    ),
    own AS MATERIALIZED (
        SELECT w.contact_id, w.word, w.weight FROM crm_contacts.contact_word w
        WHERE (SELECT NOT bool_and(whole) FROM sized) AND w.workspace_id = workspace
            AND w.contact_id = ANY (ARRAY(SELECT contact_id FROM kept))
            AND (w.word IN (SELECT word FROM sought)
                OR EXISTS (SELECT FROM broad b WHERE starts_with(w.word, b.word)
                    OR (b.parted AND strpos(w.word, '@') = 0 AND strpos(w.word, b.part) > 0)))
    ),
    hit AS MATERIALIZED (
        SELECT t.place, h.contact_id, h.score
        FROM term t CROSS JOIN LATERAL (
            SELECT c.contact_id, f.score + c.weight AS score
            FROM (SELECT * FROM found WHERE place = t.place ORDER BY score DESC, word) f
            CROSS JOIN LATERAL (
                SELECT cw.contact_id, cw.weight FROM crm_contacts.contact_word cw
                WHERE cw.workspace_id = workspace AND cw.word = f.word
                ORDER BY cw.contact_id LIMIT 6000
            ) c
            LIMIT (SELECT CASE WHEN cardinality(terms) = 1 THEN 2000
                WHEN (SELECT few FROM rarest) THEN 0
                ELSE greatest(2000, 12000 / cardinality(terms)) END)
        ) h
        UNION ALL
        SELECT f.place, f.contact_id, f.score
        FROM kept k JOIN first f USING (contact_id) JOIN sized s USING (place)
        WHERE s.whole
        UNION ALL
        SELECT f.place, o.contact_id, o.weight + f.score
        FROM own o JOIN found f ON f.word = o.word
        UNION ALL
        SELECT t.place, o.contact_id, o.weight
            + CASE WHEN starts_with(o.word, t.word) THEN 40 ELSE 20 END
        FROM own o JOIN broad t ON starts_with(o.word, t.word)
            OR (t.parted AND strpos(o.word, '@') = 0 AND strpos(o.word, t.part) > 0)
    ),
    best AS (
        SELECT place, contact_id, max(score) AS score, strpos(terms[place], '@') = 0 AS needed
        FROM hit WHERE score IS NOT NULL GROUP BY place, contact_id
    )
    SELECT b.contact_id, (68 * cardinality(terms) - sum(b.score))::integer AS rank
    FROM best b GROUP BY b.contact_id
    HAVING count(*) FILTER (WHERE b.needed)
        = (SELECT count(*) FROM term WHERE strpos(word, '@') = 0)
    ORDER BY rank, contact_id LIMIT 1000;
END $$;
"""
