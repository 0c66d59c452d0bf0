def find(cursor, name):
    cursor.execute("SELECT * FROM users WHERE name = %s", (name,))
    cursor.execute("SELECT * FROM users " + "WHERE active = 1")
    cursor.execute("SELECT count(*) FROM users")
