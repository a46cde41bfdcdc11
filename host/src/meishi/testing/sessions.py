"""What other sessions of a test's database are doing, as statements for a connection of its own.

A server has other databases too, as those of services: only sessions of the one that is asked are
counted.
"""

#: How many sessions wait for a lock: one row with a number. Every role may ask, again and again in
#: one transaction, which is why it asks for locks alone: activity is seen as at the first question.
WAITING = """
    SELECT count(DISTINCT waiting.pid)
    FROM pg_locks waiting JOIN pg_locks taken USING (pid)
        JOIN pg_database ON pg_database.oid = taken.database
    WHERE NOT waiting.granted AND datname = current_database()
"""
#: How many other clients are in a transaction: one row with a number. Only administrators may ask:
#: who may not see others' sessions counts none.
IN_TRANSACTION = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND backend_type = 'client backend' AND xact_start IS NOT NULL
"""
